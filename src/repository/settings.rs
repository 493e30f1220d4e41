//! Settings of the Git configuration, local or the user's own.

use std::path::PathBuf;

use super::open::{Repository, RepositoryError};

impl Repository {
    /// The path that a setting names, `~` expanded; `None` where it is not set.
    pub fn path_setting(&self, name: &str) -> Result<Option<PathBuf>, RepositoryError> {
        let reading = || RepositoryError::git(format!("reading the setting {name}"));
        let config = self.git.config().map_err(reading())?;
        match config.get_path(name) {
            Ok(path) => Ok(Some(path)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(reading()(error)),
        }
    }
}
