//! Settings of the Git configuration, local or the user's own.

use std::path::PathBuf;

use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;

impl Repository {
    /// The path that a setting names, with `~` expanded; `None` if it is not set.
    pub fn path_setting(&self, name: &str) -> Result<Option<PathBuf>, RepositoryError> {
        let reading = RepositoryError::git(format!("reading the setting {name}"));
        if_set(self.configuration()?.get_path(name)).map_err(reading)
    }

    /// The configuration as it is now: Git's, the user's, the repository's.
    pub(in crate::repository) fn configuration(&self) -> Result<git2::Config, RepositoryError> {
        let config = self.git.config().and_then(|mut config| config.snapshot());
        config.map_err(RepositoryError::git("reading the git configuration"))
    }
}

/// `None` if the setting is not there.
pub(in crate::repository) fn if_set<Value>(
    read: Result<Value, git2::Error>,
) -> Result<Option<Value>, git2::Error> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
