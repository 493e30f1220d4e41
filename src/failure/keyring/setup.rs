//! The next steps when a repository can't be unlocked or locked.

use crate::failure::Failure;
use crate::keyring::{LockError, MemoryError, NotOpened, UnlockError};

impl From<UnlockError> for Failure {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::Repository(error) => error.into(),
            UnlockError::Key(error) => error.into(),
            UnlockError::Memory(error) => error.into(),
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
            UnlockError::OtherCiphertext { .. } => Self::new(error)
                .hint("nothing was changed; what they hold was encrypted with another key, or is damaged")
                .hint("move these files away and `git checkout` them, then unlock"),
            UnlockError::AlreadyInitialised { .. } => {
                Self::new(error).hint("for one more key with a name of its own: `init -k NAME`")
            }
            UnlockError::KeyElsewhere { .. } => Self::new(error)
                .hint("nothing was changed; `unlock` with that key, or `init -k NAME` for another of your own")
                .hint("if it is lost for good: `git rm` what nobody can open, then `init`"),
            UnlockError::AnotherKey { .. } => Self::new(error)
                .hint("nothing was changed; where you know that the key was changed: `unlock --new-key KEYFILE`"),
            UnlockError::OneKeyOnly { .. } => Self::new(error).hint(
                "nothing was changed; `lock`, `git pull`, `unlock`; where git was stopped at files, `git stash --include-untracked` first",
            ),
            UnlockError::OpensNothing { .. } => Self::new(error)
                .hint("nothing was changed; in a shallow clone, `git fetch --unshallow` first"),
            UnlockError::InUse { .. } | UnlockError::SameName { .. } => Self::new(error),
        }
    }
}

/// Advice about a key that is not used. No advice tells how to bypass the reason.
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
            LockError::OnlyCopyOfFormer { ref path, .. } => {
                let keep = format!(
                    "nothing was changed; copy {} to where you keep keys, and `unlock --retired COPY` tells this clone so",
                    path.display()
                );
                Self::new(&error)
                    .hint(keep)
                    .hint("`lock --discard-key` loses it, with all that it alone opens")
            }
            LockError::Memory(error) => error.into(),
            LockError::AlreadyLocked { .. } => Self::new(error),
        }
    }
}

impl From<MemoryError> for Failure {
    fn from(error: MemoryError) -> Self {
        match error {
            MemoryError::Folder(error) => error.into(),
            MemoryError::Write { .. } => Self::new(error),
            MemoryError::Read { .. } | MemoryError::Damaged { .. } => Self::new(error)
                .hint("nothing was changed; `unlock KEYFILE` with the key from its holders writes it anew, and so does `unlock --key-id ID` with its id from them")
                .hint("`lock --force` writes it anew for the key that is here, whoever's that is"),
        }
    }
}
