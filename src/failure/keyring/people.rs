//! The next steps when a collaborator can't be added or removed, or when no key is wrapped for the user.

use crate::failure::Failure;
use crate::keyring::{
    AGE_IS_BUILT_IN, AgeError, CollaboratorError, GpgError, IdentityError, MembershipError,
    RecipientError, UnwrapError,
};

/// How to get a build of this program that supports age.
pub(super) const WITH_AGE: &str = "the released packages have age; from source, `cargo install` without `--no-default-features`, or with `--features age`, builds it in";

impl From<GpgError> for Failure {
    fn from(error: GpgError) -> Self {
        let failure = Self::new(&error);
        match error {
            GpgError::NotRun { .. } => failure.hint(
                "install GnuPG, or name the program: `git config gpg.program PATH`",
            ),
            GpgError::UnknownUser { .. } => failure
                .hint("`gpg --import FILE` the public key first; `gpg --list-keys` shows those there are"),
            GpgError::AmbiguousUser { .. } => failure.hint("name one by its whole fingerprint"),
            GpgError::Unusable { .. } => failure.hint(
                "nothing was changed; ask its owner for the renewed key, then `gpg --import` it",
            ),
            GpgError::Untrusted { .. } => failure
                .hint("nothing was changed; compare the fingerprint with its owner, then `gpg --lsign-key` it")
                .hint("`--trusted` takes your word for it"),
            GpgError::TooMuch { .. } => failure
                .hint("what holds a key is small: somebody has put another file in its place"),
            GpgError::Failed { .. } => failure,
        }
    }
}

impl From<RecipientError> for Failure {
    fn from(error: RecipientError) -> Self {
        let failure = Self::new(&error);
        match error {
            RecipientError::Unknown { .. } => failure.hint(
                "from a file, such as ~/.ssh/id_ed25519.pub: `add-age-user --recipients-file FILE`",
            ),
            _ => failure,
        }
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        let failure = Self::new(&error);
        match error {
            IdentityError::LeftOut => failure.hint(WITH_AGE),
            IdentityError::KeyItself => failure
                .hint("arguments end up in logs and histories: write it to a file of mode 0600"),
            _ => failure,
        }
    }
}

impl From<CollaboratorError> for Failure {
    fn from(error: CollaboratorError) -> Self {
        match error {
            CollaboratorError::Gpg(error) => error.into(),
            CollaboratorError::Age(AgeError::LeftOut) => {
                Self::new(error).hint(format_args!("nothing was changed; {WITH_AGE}"))
            }
            CollaboratorError::Age(_) => Self::new(error),
            CollaboratorError::Repository(error) => error.into(),
            CollaboratorError::NotACollaborator { .. } => {
                Self::new(error).hint("`ls-users` shows who is")
            }
            CollaboratorError::Ambiguous { .. } => {
                Self::new(error).hint("name one by the whole fingerprint or key")
            }
            CollaboratorError::OnlyPart { .. } => {
                Self::new(error).hint("nothing was changed; give the whole name, or the key")
            }
            CollaboratorError::NotCommitted { .. } => {
                Self::new(error).hint("`git commit` it, or do the same again")
            }
        }
    }
}

impl From<MembershipError> for Failure {
    fn from(error: MembershipError) -> Self {
        match error {
            MembershipError::Collaborator(error) => error.into(),
            MembershipError::Repository(error) => error.into(),
            MembershipError::Unfinished(error) => {
                Self::from(*error).hint("doing the same again finishes it")
            }
            MembershipError::Unsigned { .. } => Self::new(error)
                .hint("nothing was changed; `unlock`, then remove them again: else whoever can push could put back what was there"),
            MembershipError::UnknownKey { .. } => Self::new(error)
                .hint("nothing was changed; `unlock` says whether the key follows the one that is known")
                .hint("where you know from its holders that it was changed: `unlock KEYFILE` with the key from them takes it"),
            MembershipError::Memory(error) => error.into(),
            MembershipError::NoLaterMoment { .. } => Self::new(error),
        }
    }
}

impl From<UnwrapError> for Failure {
    fn from(error: UnwrapError) -> Self {
        match error {
            UnwrapError::Gpg(error) => error.into(),
            UnwrapError::Repository(error) => error.into(),
            UnwrapError::NoCollaborators => {
                Self::new(error).hint("name a key file: `unlock KEYFILE`")
            }
            UnwrapError::Age { .. } => Self::new(error),
            UnwrapError::NotForYou { .. } if !AGE_IS_BUILT_IN => Self::new(error)
                .hint("this hs-secrets was built without age: it opens nothing with age or SSH keys")
                .hint(WITH_AGE),
            UnwrapError::NotForYou { .. } => Self::new(error)
                .hint("an age or SSH key that is not in ~/.ssh: `unlock --identity FILE`")
                .hint("ask one of them to `add-gpg-user` or `add-age-user` you, or name a key file: `unlock KEYFILE`"),
            UnwrapError::TooManyVersions { .. } => Self::new(error)
                .hint("`git log -- .git-crypt` says who wrapped them; remove those, or unlock with a key file"),
            UnwrapError::Malformed { .. } | UnwrapError::Misplaced { .. } => Self::new(error)
                .hint("nothing was changed; a collaborator can remove and add you again"),
        }
    }
}
