//! The next steps when a key can't be rotated.

use crate::failure::Failure;
use crate::keyring::{
    CollaboratorError, EncryptionError, GpgError, MembershipError, NOT_WRAPPED, RotationError,
};

impl From<RotationError> for Failure {
    fn from(error: RotationError) -> Self {
        match error {
            RotationError::Stopped(error) => Self::from(*error).hint(
                "a rotation is under way: `rotate-key --continue` finishes it, `rotate-key --abort` undoes it",
            ),
            RotationError::Repository(error) => error.into(),
            RotationError::Encryption(error) => error.into(),
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
                .hint("nothing was changed; `ls-users` shows who is there"),
            RotationError::ListGone { .. } => Self::new(error)
                .hint("nothing was changed; `git log -- .git-crypt/hs-secrets` shows the commit that took it away, `git checkout COMMIT~ -- .git-crypt/hs-secrets` brings it back"),
            RotationError::NotWrapped { .. } => {
                Self::new(error).hint(format_args!("nothing was changed; {NOT_WRAPPED}"))
            }
            RotationError::UnknownRecipient { ref holder } => {
                let hint = if holder.is_by_gpg() {
                    "`gpg --import` that public key, or `rm-gpg-user` who is to lose access, then rotate again"
                } else {
                    "`rm-age-user` and, if they are to stay, `add-age-user` them again"
                };
                Self::new(&error).hint(hint)
            }
            RotationError::Underway { .. } => Self::new(error).hint(
                "`git commit` what it has staged, or `rotate-key --continue` if it was interrupted; `rotate-key --abort` brings the old key back",
            ),
            RotationError::Elsewhere { .. } => {
                Self::new(error).hint("nothing was changed; finish or undo it there")
            }
            RotationError::Conflict { .. } => Self::new(error).hint("resolve it and commit first"),
            RotationError::Staged => {
                Self::new(error).hint("commit or unstage that first, or go without `--commit`")
            }
            _ => Self::new(error),
        }
    }
}

impl From<EncryptionError> for Failure {
    fn from(error: EncryptionError) -> Self {
        match error {
            EncryptionError::Repository(error) => error.into(),
            EncryptionError::BadFile { .. } => Self::new(error),
        }
    }
}
