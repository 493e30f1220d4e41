//! The lock that lets one process at a time set a repository up with a key, or take it out.

use std::fs::File;

use super::key_store::KeyStore;
use crate::repository::error::RepositoryError;

/// While it lives, no other process of this program changes keys and drivers of the repository. The system lets go of
/// it however the process ends.
pub(crate) struct SetupLock {
    _directory: File,
}

impl KeyStore<'_> {
    /// Waits until nobody else changes keys and drivers.
    pub(crate) fn lock(self) -> Result<SetupLock, RepositoryError> {
        // The directory itself is locked: nothing is left behind.
        let path = self.common_dir;
        let directory = File::open(path).map_err(RepositoryError::file("locking", path))?;
        directory
            .lock()
            .map_err(RepositoryError::file("locking", path))?;
        Ok(SetupLock {
            _directory: directory,
        })
    }
}
