//! The lock for setting up a repository with a key, or removing the key: one process at a time.

use std::fs::File;

use super::key_store::KeyStore;
use crate::repository::error::RepositoryError;

/// As long as this value exists, no other process of this program changes keys and drivers of the repository. When the
/// process ends, the system releases the lock.
pub(crate) struct SetupLock {
    _directory: File,
}

impl KeyStore<'_> {
    /// Waits until no other process holds the lock.
    pub(crate) fn lock(self) -> Result<SetupLock, RepositoryError> {
        // The directory itself is locked, so no lock file can be left behind.
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
