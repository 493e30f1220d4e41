//! Why a repository was not set up with a key.

use thiserror::Error;

use super::not_opened::NotOpened;
use crate::format::KeyName;
use crate::keyring::KeyError;
use crate::keyring::files::ModifiedFiles;
use crate::keyring::trust::MemoryError;
use crate::repository::{CommitOrigin, PathBytes, RepositoryError};

/// Why a repository was not set up with a key. Nothing was changed.
#[derive(Debug, Error)]
pub(crate) enum UnlockError {
    /// There is a key of that name already.
    #[error(
        "this repository has already been initialized with {}",
        key_words(name)
    )]
    AlreadyInitialised { name: KeyName },
    /// There are files that a key of that name has encrypted, and that a new one would not open.
    #[error("{path} is encrypted already, with a key `{name}` that is not here")]
    KeyElsewhere {
        name: KeyName,
        /// One of the files.
        path: PathBytes,
    },
    /// No available key may be used.
    #[error("key `{name}`: {why}")]
    NotOpened {
        name: KeyName,
        why: NotOpened,
        /// The commits that brought the successions to it.
        origins: Vec<CommitOrigin>,
    },
    /// The key was rotated out. With it, files would be readable again for people who were removed.
    #[error(
        "this key `{name}` was rotated out: it is kept to read the history, and encrypts nothing any more"
    )]
    Retired { name: KeyName },
    /// The key opens none of the encrypted files.
    #[error("wrong key: it does not open {path}, which `filter={}` says it should", name.driver())]
    WrongKey {
        name: KeyName,
        /// The file it was tried on.
        path: PathBytes,
    },
    /// Files that would be written anew hold work that is nowhere else.
    #[error("unlocking would overwrite changes: {0}")]
    Modified(ModifiedFiles),
    /// Files that would be written anew hold ciphertext of another key, or damaged ciphertext, that is nowhere else.
    #[error("the key does not open what these files are now: {0}")]
    OtherCiphertext(ModifiedFiles),
    /// There is another key of that name, and no encrypted file to tell which is the right one.
    #[error(
        "this repository has another key `{name}`, and no encrypted file here tells which is the right one"
    )]
    AnotherKey { name: KeyName },
    /// The filter of a rotated key is another program's, which could not read the files of before any more.
    #[error("filter.{} is another program's, which has no use for a second key", name.driver())]
    OneKeyOnly { name: KeyName },
    /// A key that is to be kept for the history is the one that encrypts.
    #[error("the key given is the key `{name}` that is in use here")]
    InUse { name: KeyName },
    /// A key that is to be kept for the history opens nothing in it.
    #[error("wrong key: `{name}` opens no file of the whole history")]
    OpensNothing { name: KeyName },
    /// Two keys of the same name were given.
    #[error("two of the keys given are called `{name}`")]
    SameName { name: KeyName },
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The memory that the clone has of the key could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

fn key_words(name: &KeyName) -> String {
    match name.name() {
        None => "git-crypt".to_owned(),
        Some(name) => format!("the git-crypt key `{name}`"),
    }
}
