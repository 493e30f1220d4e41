//! One at a time: who sets a repository up with a key, or takes it out.

use std::fs::File;

use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;

/// While it lives, no other process of this program changes keys and drivers of the repository. The system lets go of
/// it however the process ends.
pub struct SetupLock {
    _directory: File,
}

impl Repository {
    /// Waits until nobody else changes keys and drivers.
    pub fn lock_setup(&self) -> Result<SetupLock, RepositoryError> {
        // The directory itself, so that nothing is left behind.
        let path = self.common_dir();
        let directory = File::open(path).map_err(RepositoryError::file("locking", path))?;
        directory
            .lock()
            .map_err(RepositoryError::file("locking", path))?;
        Ok(SetupLock {
            _directory: directory,
        })
    }
}
