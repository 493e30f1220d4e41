//! The configuration of Git for a repository: that of the system, the user and the repository.

use std::path::PathBuf;

use super::program::GitCommand;
use crate::repository::error::RepositoryError;

/// The settings of Git, and those among them that make Git call this program.
#[derive(Clone, Copy)]
pub(crate) struct Configuration<'repository> {
    pub(in crate::repository) git: &'repository git2::Repository,
    pub(in crate::repository) program: GitCommand<'repository>,
}

impl Configuration<'_> {
    /// The path that a setting names, with `~` expanded; `None` if it is not set.
    pub(crate) fn path(self, name: &str) -> Result<Option<PathBuf>, RepositoryError> {
        let reading = RepositoryError::git(format!("reading the setting {name}"));
        if_set(self.snapshot()?.get_path(name)).map_err(reading)
    }

    /// True if Git records how conflicts were resolved (rerere). The records contain parts of files.
    pub(crate) fn records_resolutions(self) -> Result<bool, RepositoryError> {
        let enabled = if_set(self.snapshot()?.get_bool("rerere.enabled"))
            .map_err(RepositoryError::git("reading the setting rerere.enabled"))?;
        Ok(enabled.unwrap_or_else(|| self.git.commondir().join("rr-cache").is_dir()))
    }

    /// The beginning of comment lines in a commit message: `core.commentString` or `core.commentChar`, else `#`.
    pub(crate) fn comment_mark(self) -> Result<Vec<u8>, RepositoryError> {
        let settings = self.snapshot()?;
        let set = ["core.commentString", "core.commentChar"]
            .iter()
            .find_map(|name| settings.get_string(name).ok());
        Ok(set
            .filter(|mark| !mark.is_empty() && mark != "auto")
            .map_or(b"#".to_vec(), String::into_bytes))
    }

    /// True if this is a partial clone: a remote has promised to provide missing objects later.
    pub(in crate::repository) fn has_promisor(self) -> Result<bool, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let settings = self.snapshot()?;
        let pattern = Some(r"^(remote\..*\.promisor|extensions\.partialclone)$");
        let mut entries = settings.entries(pattern).map_err(reading())?;
        Ok(entries.next().is_some())
    }

    /// All settings, as they are now.
    pub(in crate::repository) fn snapshot(self) -> Result<git2::Config, RepositoryError> {
        let config = self.git.config().and_then(|mut config| config.snapshot());
        config.map_err(RepositoryError::git("reading the git configuration"))
    }
}

/// Turns the error for a missing setting into `None`.
pub(super) fn if_set<Value>(
    read: Result<Value, git2::Error>,
) -> Result<Option<Value>, git2::Error> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
