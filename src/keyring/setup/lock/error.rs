//! Why a repository was not locked.

use std::path::PathBuf;

use thiserror::Error;

use crate::format::{KeyId, KeyName};
use crate::keyring::files::ModifiedFiles;
use crate::keyring::trust::MemoryError;
use crate::repository::RepositoryError;

/// Why a repository was not locked. Nothing was changed.
#[derive(Debug, Error)]
pub(crate) enum LockError {
    /// There is neither key nor driver.
    #[error("this repository is already locked{}", with_key(names))]
    AlreadyLocked {
        /// The keys asked for.
        names: Vec<KeyName>,
    },
    /// Files that would be written anew hold work that is nowhere else.
    #[error("locking would overwrite changes: {0}")]
    Modified(ModifiedFiles),
    /// A linked work tree whose plaintext would be left without a filter.
    #[error("the linked work tree at {} can't be reached, and its files may be in plaintext", path.display())]
    OutOfReach {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key would be gone for good.
    #[error(
        "key `{name}` exists nowhere else, as far as this clone knows: it was never exported, and is wrapped for nobody who is known to have it"
    )]
    OnlyCopy { name: KeyName },
    /// A key from before a rotation would be gone for good.
    #[error(
        "the former key {id} of `{name}` exists nowhere else, as far as this clone knows: it was never exported, and the repository does not have it, sealed or wrapped"
    )]
    OnlyCopyOfFormer {
        name: KeyName,
        id: KeyId,
        /// Where it lies.
        path: PathBuf,
    },
    /// The only copy of a key that staged files need would go.
    #[error("key `{name}` is being rotated, and the new one is not committed yet")]
    Rotating { name: KeyName },
    /// The memory that the clone has of the key could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

fn with_key(names: &[KeyName]) -> String {
    match names {
        [name] => name
            .name()
            .map(|name| format!(" with key `{name}`"))
            .unwrap_or_default(),
        _ => String::new(),
    }
}
