//! Why a check could not be made.

use std::path::PathBuf;

use thiserror::Error;

use crate::repository::RepositoryError;
use crate::stack::SETTINGS_FILE;
use crate::stack::SettingsError;

/// Why a check could not be made.
#[derive(Debug, Error)]
pub enum LeakError {
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The settings can't be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The `[check]` table of the settings can't be used.
    #[error("{SETTINGS_FILE}: [check]: {reason}")]
    CheckTable {
        /// The fault.
        reason: String,
    },
    /// A rule in the settings that does not exist.
    #[error("{SETTINGS_FILE}: [check]: there is no rule `{name}`")]
    UnknownRule {
        /// Its name as it stands in the settings.
        name: String,
    },
    /// An allow entry that does not say why.
    #[error("{SETTINGS_FILE}: [check]: the entry for `{rule}` in `{path}` gives no reason")]
    NoReason { rule: String, path: String },
    /// A file that configures the check, and that is too long to be read.
    #[error("{path} has {size} bytes; at most {largest} are read")]
    TooLarge {
        path: String,
        /// Its size in bytes.
        size: u64,
        /// Maximum size in bytes.
        largest: u64,
    },
    /// A path for the baseline that is refused, since a commit can choose it.
    #[error(
        "{SETTINGS_FILE}: [check]: baseline = {path:?} {reason}; it must be a file in this repository"
    )]
    BaselinePath {
        /// As the settings have it.
        path: String,
        /// Why it is refused.
        reason: &'static str,
    },
    /// A line of the baseline that can't be parsed.
    #[error("{path}:{line}: not a line of a baseline: a fingerprint, a rule and a path")]
    BadBaseline {
        /// The baseline.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// The settings name an existing file as the baseline, and this file is no baseline.
    #[error("[check]: baseline = {path:?} is there, and is no baseline: it is left as it is")]
    NotABaseline {
        /// The file.
        path: String,
    },
    /// Git gave a hook a line in another form than documented.
    #[error("not a line as Git gives them to a {hook} hook: `{line}`")]
    BadHookLine {
        /// The hook's name.
        hook: &'static str,
        line: String,
    },
    /// Another hook was moved aside earlier, so this one can't be moved to the same place.
    #[error("{} is in the way: two hooks can't both be moved aside", path.display())]
    HookInTheWay {
        /// The hook that was moved aside before.
        path: PathBuf,
    },
    /// Hooks for commits can't be installed in a bare repository, where nobody commits.
    #[error("this repository is bare: Git runs no hook for commits here")]
    NoHooksInBare,
    /// The search can't hold this many values.
    #[error("the encrypted files hold too many values to search for: {count}")]
    TooManyValues { count: usize },
}
