//! The next steps when the repository or a key name can't be used.

use super::Failure;
use crate::format::KeyNameError;
use crate::repository::{Refusal, RepositoryError};

impl From<KeyNameError> for Failure {
    fn from(error: KeyNameError) -> Self {
        Self::new(error)
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        let failure = Self::new(&error);
        match error.refusal() {
            Some(Refusal::ForeignOwner) => {
                return failure.hint(
                    "if you trust its owner: `git config --global --add safe.directory PATH`",
                );
            }
            Some(Refusal::MissingObject) => {
                return failure.hint(
                    "`git fsck` says what is missing; `git fetch --refetch --no-filter` fetches all that the remote has",
                );
            }
            Some(Refusal::NotFetched) => {
                return failure.hint(
                    "`git fetch` says why the remote can't be reached; once it can, `git fetch --refetch --no-filter` fetches all",
                );
            }
            None => {}
        }
        match error {
            RepositoryError::NotFound { .. } => {
                failure.hint("change to a directory of a repository, or `git init` one")
            }
            RepositoryError::NoKey { .. } => failure.hint(
                "`unlock KEYFILE` with the key of a collaborator, or `init` in a new repository",
            ),
            RepositoryError::BadKey { .. } => {
                failure.hint("`unlock KEYFILE` again with a good copy of the key")
            }
            RepositoryError::NoIndex { .. } => failure.hint(
                "nothing was changed; `git reset` writes it anew, and GIT_INDEX_FILE names another",
            ),
            RepositoryError::Hook { name, .. } => failure.hint(format_args!(
                "all else is done; `git hook run {name}` runs the hook again"
            )),
            RepositoryError::TooMany { path, .. } => failure.hint(format_args!(
                "`git log --stat -- {}` says who added them; remove those that do not belong there",
                path.display()
            )),
            RepositoryError::FilteredKey { path } => failure
                .hint(format_args!(
                    "`git check-attr filter text eol -- {}` shows them; take them out of the .gitattributes that sets them",
                    path.display()
                ))
                .hint("`git log -- '*.gitattributes'` says who put them there"),
            RepositoryError::Interrupted => {
                failure.hint("running it again finishes what was begun")
            }
            // Git gives this reason also if it could not create the lock for another cause, such as a full disk.
            RepositoryError::GitProgram { reason, .. }
                if reason.contains("index.lock") && reason.contains("File exists") =>
            {
                failure.hint("if no git process is running, remove that file")
            }
            RepositoryError::ConfigLocked { path } => failure.hint(format_args!(
                "if no git process is running, remove {}",
                path.display()
            )),
            _ => failure,
        }
    }
}
