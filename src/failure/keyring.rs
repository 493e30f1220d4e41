//! The next steps when a key can't be had, given, or proven.

use super::Failure;
use crate::format::KeyFileError;
use crate::keyring::{
    AgeError, CollaboratorError, ExportError, GpgError, IdentityError, KeyError, KeyFormError,
    LockError, MembershipError, NotOpened, RecipientError, RotationError, UnlockError, UnwrapError,
};
use crate::repository::RepositoryError;

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let failure = Self::new(&error);
        match error {
            KeyError::Malformed {
                source: KeyFileError::Legacy,
                ..
            } => failure.hint("`migrate-key OLD NEW` writes it in today's format"),
            KeyError::Malformed {
                source:
                    KeyFileError::FutureFormat { .. } | KeyFileError::UnknownCriticalField { .. },
                ..
            } => failure.hint("a newer git-crypt or hs-secrets has written it, and one opens it"),
            KeyError::Malformed {
                source: KeyFileError::NotLegacy,
                ..
            } => failure.hint("it needs no migration: `unlock` it"),
            KeyError::Malformed { .. } => failure
                .hint("`export-key FILE` in an unlocked clone writes a good one, with `--base64` or `--passphrase` too")
                .hint("an age or SSH secret key goes with `unlock --identity FILE`"),
            KeyError::KeyItself => failure
                .hint("arguments end up in logs and histories: `unlock -` reads it from standard input, `unlock --key-env VARIABLE` from a variable"),
            KeyError::NotUnpacked {
                source: KeyFormError::BadBase64,
                ..
            } => failure.hint("`export-key --base64 -` in an unlocked clone writes it anew"),
            KeyError::NotUnpacked {
                source: KeyFormError::Age(AgeError::NobodyToAsk),
                ..
            } => failure.hint("for a CI, `export-key --base64` and `unlock --key-env VARIABLE`"),
            KeyError::Exists { .. } => failure.hint("choose another name, or move that file away"),
            _ => failure,
        }
    }
}

impl From<UnlockError> for Failure {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::Repository(error) => error.into(),
            UnlockError::Key(error) => error.into(),
            UnlockError::Memory(_) => Self::new(error),
            UnlockError::Retired { .. } => {
                Self::new(error).hint("to read the history with it: `unlock --retired`")
            }
            UnlockError::NotOpened {
                ref why,
                ref origins,
                ..
            } => {
                let hints = origins.iter().map(|origin| format!("it was said so in {origin}"));
                let mut hints: Vec<String> = hints.collect();
                hints.push(format!("nothing was changed; {}", advice(why)));
                hints.into_iter().fold(Self::new(error), Self::hint)
            }
            UnlockError::WrongKey { .. } => Self::new(error).hint(
                "nothing was changed; `export-key FILE` in an unlocked clone writes the right one",
            )
            .hint("what a new key opens after a rotation comes with `git pull`"),
            UnlockError::Modified { .. } => Self::new(error)
                .hint("nothing was changed; move these files away and `git checkout` them, unlock, then bring them back")
                .hint("committed before that, they would be stored in plaintext"),
            UnlockError::AlreadyInitialised { .. } => {
                Self::new(error).hint("for one more key with a name of its own: `init -k NAME`")
            }
            UnlockError::KeyElsewhere { .. } => Self::new(error)
                .hint("nothing was changed; `unlock` with that key, or `init -k NAME` for another of your own")
                .hint("if it is lost for good: `git rm` what nobody can open, then `init`"),
            UnlockError::AnotherKey { .. } => Self::new(error)
                .hint("nothing was changed; where you know that the key was changed: `unlock --new-key KEYFILE`"),
            UnlockError::OneKeyOnly { .. } => Self::new(error).hint(
                "nothing was changed; `unlock --take-over` lets this program filter, else `lock`, `git pull`, `unlock`",
            ),
            UnlockError::OpensNothing { .. } => Self::new(error)
                .hint("nothing was changed; in a shallow clone, `git fetch --unshallow` first"),
            UnlockError::InUse { .. } | UnlockError::SameName { .. } => Self::new(error),
        }
    }
}

/// Advice about a key that is not used. Nothing of it leads around the reason.
fn advice(why: &NotOpened) -> &'static str {
    match why {
        NotOpened::NotPinned { .. } => "ask its holders which is theirs",
        NotOpened::Retired { .. } | NotOpened::RotatedOut { .. } => {
            "`export-key` in a clone that has the key of today writes it; to read the history: `unlock --retired`"
        }
        NotOpened::RetiredOnly { .. } => {
            "a colleague who has the key of today adds you again: `add-age-user` or `add-gpg-user`"
        }
        NotOpened::RotatedAway { .. } => {
            "with the new key by hand: `unlock KEYFILE`; or a colleague who has it adds you: `add-age-user` or `add-gpg-user`"
        }
        NotOpened::WrongKey { .. } => "`export-key FILE` in an unlocked clone writes the right one",
        NotOpened::NothingTells { .. } => "ask its holders which is theirs",
        NotOpened::Unproven { .. } | NotOpened::Several { .. } => {
            "anybody who can push can wrap a key for you: ask its holders, in another way than here, whether they have changed it"
        }
        NotOpened::NotAccepted { .. } => {
            "whoever was removed and has the old key can have said it, too; if you know of that rotation: `unlock --accept-rotation`"
        }
        NotOpened::Fork { .. } => {
            "whoever had the key before can have signed either: a holder whom you trust gives you the right one by hand"
        }
    }
}

impl From<RotationError> for Failure {
    fn from(error: RotationError) -> Self {
        match error {
            RotationError::Repository(RepositoryError::Interrupted)
            | RotationError::Membership(
                MembershipError::Repository(RepositoryError::Interrupted)
                | MembershipError::Collaborator(CollaboratorError::Repository(
                    RepositoryError::Interrupted,
                )),
            ) => Self::new(error).hint(
                "`rotate-key --continue` finishes what was begun, `rotate-key --abort` undoes it",
            ),
            RotationError::Repository(error) => error.into(),
            RotationError::Key(error) => error.into(),
            RotationError::Membership(MembershipError::Collaborator(CollaboratorError::Gpg(
                GpgError::Failed { .. },
            ))) => Self::new(error).hint(
                "`gpg --import` that public key, or `rm-gpg-user` who is to lose access, then rotate again",
            ),
            RotationError::Membership(error) => error.into(),
            RotationError::Untrusted { .. } => Self::new(error)
                .hint("nothing was changed; `rotate-key --trust ID` for each whom you know, with the public key, fingerprint or id")
                .hint("`rm-age-user` or `rm-gpg-user` removes whom nobody knows"),
            RotationError::NobodyToTrust { .. } => Self::new(error)
                .hint("nothing was changed; `ls-age-users` and `ls-gpg-users` show who is there"),
            RotationError::ListGone { .. } => Self::new(error)
                .hint("nothing was changed; `git log -- .git-crypt/hs-secrets` shows the commit that took it away, `git checkout COMMIT -- .git-crypt/hs-secrets` brings it back"),
            RotationError::UnknownRecipient { ref holder } => {
                let hint = if holder.is_by_gpg() {
                    "`gpg --import` that public key, or `rm-gpg-user` who is to lose access, then rotate again"
                } else {
                    "`rm-age-user` and, if they are to stay, `add-age-user` them again"
                };
                Self::new(&error).hint(hint)
            }
            RotationError::Underway { .. } => Self::new(error).hint(
                "`rotate-key --continue` finishes it, `rotate-key --abort` brings the old key back",
            ),
            RotationError::Conflict { .. } => Self::new(error).hint("resolve it and commit first"),
            RotationError::Staged => {
                Self::new(error).hint("commit or unstage that first, or go without `--commit`")
            }
            _ => Self::new(error),
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Repository(error) => error.into(),
            LockError::Modified { .. } => Self::new(error)
                .hint(
                    "nothing was changed; commit these files or `git stash` them, then lock again",
                )
                .hint("`lock --force` overwrites them: their changes are lost"),
            LockError::OutOfReach { .. } => Self::new(error)
                .hint("nothing was changed; make it reachable, or `git worktree unlock` it if it is gone for good")
                .hint("`lock --force` goes on without it"),
            LockError::Rotating { .. } => Self::new(error)
                .hint("commit what `rotate-key` has staged and export the new key, or `rotate-key --abort`"),
            LockError::OnlyCopy { .. } => Self::new(error)
                .hint("nothing was changed; `export-key FILE` first, or add a collaborator: `add-age-user`, `add-gpg-user`")
                .hint("`lock --discard-key` loses it, with all that it has encrypted"),
            LockError::AlreadyLocked { .. } | LockError::Memory(_) => Self::new(error),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Key(error) => error.into(),
            ExportError::Repository(error) => error.into(),
            ExportError::NotAnExport { .. } => Self::new(error)
                .hint("nothing was written; choose another name, or move that file away"),
            ExportError::Memory(_) => Self::new(error),
        }
    }
}

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
            CollaboratorError::Age(_) => Self::new(error),
            CollaboratorError::Repository(error) => error.into(),
            CollaboratorError::NotACollaborator { .. } => {
                Self::new(error).hint("`ls-gpg-users` and `ls-age-users` show who is")
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
            MembershipError::Memory(_) | MembershipError::NoLaterMoment { .. } => Self::new(error),
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
            UnwrapError::NotForYou { .. } => Self::new(error)
                .hint("an age or SSH key that is not in ~/.ssh: `unlock --identity FILE`")
                .hint("ask one of them to `add-gpg-user` or `add-age-user` you, or name a key file: `unlock KEYFILE`"),
            UnwrapError::Malformed { .. } | UnwrapError::Misplaced { .. } => Self::new(error)
                .hint("nothing was changed; a collaborator can remove and add you again"),
        }
    }
}
