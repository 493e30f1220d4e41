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
    /// There is neither a key nor a driver.
    #[error("this repository is already locked{}", with_key(names))]
    AlreadyLocked {
        /// The names in the request.
        names: Vec<KeyName>,
    },
    /// Files that would be overwritten have changes that may exist nowhere else.
    #[error("locking would overwrite changes: {0}")]
    Modified(ModifiedFiles),
    /// A linked work tree can't be reached. Its plaintext would have no filter any more.
    #[error("the linked work tree at {} can't be reached, and its files may be in plaintext", path.display())]
    OutOfReach { path: PathBuf },
    /// The key would be lost.
    #[error(
        "key `{name}` exists nowhere else, as far as this clone knows: it was never exported, and is wrapped for nobody who is known to have it"
    )]
    OnlyCopy { name: KeyName },
    /// A retired key would be lost.
    #[error(
        "the former key {id} of `{name}` exists nowhere else, as far as this clone knows: it was never exported, and the repository does not have it, sealed or wrapped"
    )]
    OnlyCopyOfFormer {
        name: KeyName,
        id: KeyId,
        /// The path of its file.
        path: PathBuf,
    },
    /// A rotation is not finished: the only copy of the new key would be lost, which staged files need.
    #[error("key `{name}` is being rotated, and the new one is not committed yet")]
    Rotating { name: KeyName },
    /// This clone's memory of the key could not be read or written.
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
