//! The edge where errors become one line, hints and an exit code.

use std::fmt;
use std::io;

use crate::filter::{FilterError, ProcessError};
use crate::format::{KeyFileError, KeyNameError};
use crate::keyring::{KeyError, LockError, UnlockError};
use crate::leaks::LeakError;
use crate::repository::RepositoryError;

/// Why a command ends without having done its work.
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    message: String,
    hints: Vec<String>,
}

/// The kinds of failure that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Exit code 1.
    Failed,
    /// Wrong usage: exit code 2.
    Usage,
    /// The reader of standard output went away: a quiet end.
    BrokenPipe,
}

impl Failure {
    /// What was being done, to what, and why it failed, in one line.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Failed,
            message: message.to_string(),
            hints: Vec::new(),
        }
    }

    /// The arguments make no sense together.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Usage,
            ..Self::new(message)
        }
    }

    /// Standard output could not be written.
    pub fn output(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => FailureKind::BrokenPipe,
            _ => FailureKind::Failed,
        };
        Self {
            kind,
            ..Self::new(format_args!("writing to standard output failed: {error}"))
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What to do next, a line each.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<KeyNameError> for Failure {
    fn from(error: KeyNameError) -> Self {
        Self::new(error)
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        let failure = Self::new(&error);
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
            RepositoryError::ConfigLocked { path } => failure.hint(format_args!(
                "if no git process is running, remove {}",
                path.display()
            )),
            _ => failure,
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let failure = Self::new(&error);
        match error {
            KeyError::Malformed {
                source: KeyFileError::Legacy,
                ..
            } => failure.hint("`migrate-key OLD NEW` writes it in today's format"),
            KeyError::Malformed { .. } => {
                failure.hint("`export-key FILE` in an unlocked clone writes a good one")
            }
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
            UnlockError::WrongKey { .. } => Self::new(error).hint(
                "nothing was changed; `export-key FILE` in an unlocked clone writes the right one",
            ),
            UnlockError::Modified { .. } => Self::new(error).hint(
                "nothing was changed; commit these files or `git stash` them, then unlock again",
            ),
            UnlockError::AlreadyInitialised { .. } => {
                Self::new(error).hint("for one more key with a name of its own: `init -k NAME`")
            }
            UnlockError::SameName { .. } => Self::new(error),
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
            LockError::AlreadyLocked { .. } => Self::new(error),
        }
    }
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Self::new(error)
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        Self::new(error)
    }
}

impl From<LeakError> for Failure {
    fn from(error: LeakError) -> Self {
        let failure = Self::new(&error);
        match error {
            LeakError::Repository(error) => error.into(),
            LeakError::HookInTheWay { .. } => {
                failure.hint("merge the two by hand, remove one, and install again")
            }
            LeakError::NotInIndex { .. } => {
                failure.hint("`git add` it first: the check looks at what Git would store, not at the work tree")
            }
            LeakError::UnknownRule { .. } => failure.hint("`hs-secrets check --help` lists the rules"),
            LeakError::NoReason { .. } => failure.hint("add `reason = \"…\"`: the next reader will want to know"),
            LeakError::BadBaseline { .. } => {
                failure.hint("`hs-secrets check --all --write-baseline` writes a new one")
            }
            LeakError::CheckTable { .. } => failure.hint(
                "entries look like [[check.allow]] with rule = \"token\", path = \"docs/**\", reason = \"…\"",
            ),
            _ => failure,
        }
    }
}
