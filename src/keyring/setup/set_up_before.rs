//! What a repository was set up with before it is unlocked (again).

use super::encrypted_files::opens;
use crate::format::{KeyFile, KeyName};
use crate::repository::{FilterProgram, IndexEntry, Repository, RepositoryError};

/// So many blobs that a key does not open prove that it is the wrong one, not that they are damaged.
const BLOBS_TO_TRY: usize = 8;

/// What there was before an unlocking.
pub(crate) struct Before {
    /// The keys whose filter is configured.
    configured: Vec<KeyName>,
    /// Those of them whose filter Git can't run.
    broken: Vec<KeyName>,
    /// The keys that are here, and the very ones that are to be unlocked with.
    stored: Vec<KeyName>,
}

impl Before {
    /// Looks, before anything is changed, at what concerns `keys`.
    pub(crate) fn of(
        repository: &Repository,
        keys: &[KeyFile],
        program: &FilterProgram,
    ) -> Result<Self, RepositoryError> {
        let configured = repository.configured_drivers()?;
        let mut broken = Vec::new();
        let mut stored = Vec::new();
        for key in keys {
            let name = key.name();
            let driver = repository.driver(name)?;
            if driver.trouble(program.search_path()).is_some() {
                broken.push(name.clone());
            }
            if is_stored(repository, key) {
                stored.push(name.clone());
            }
        }
        Ok(Self {
            configured,
            broken,
            stored,
        })
    }

    /// True where this very key is here.
    pub(crate) fn has_key(&self, key: &KeyFile) -> bool {
        self.stored.contains(key.name())
    }

    /// False where the filter can't have worked: then Git has removed the files that it could not smudge.
    pub(crate) fn filtered(&self, place: &Repository, key: &KeyFile, files: &[IndexEntry]) -> bool {
        let name = key.name();
        !self.broken.contains(name)
            && (!self.configured.contains(name) || opens_with_stored_key(place, key, files))
    }
}

/// True where this very key is in the key store.
fn is_stored(repository: &Repository, key: &KeyFile) -> bool {
    let stored = repository.keys().load(key.name());
    stored.is_ok_and(|stored| stored.to_bytes().expose() == key.to_bytes().expose())
}

/// False where the key that is here opens none of the files.
fn opens_with_stored_key(place: &Repository, key: &KeyFile, files: &[IndexEntry]) -> bool {
    let stored = place.keys().load(key.name());
    stored.is_ok_and(|stored| {
        let blobs = files.iter().map(|entry| place.blob(entry.blob));
        blobs
            .take(BLOBS_TO_TRY)
            .any(|blob| blob.is_ok_and(|blob| opens(&stored, blob.content())))
    })
}
