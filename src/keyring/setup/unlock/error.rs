//! Why a repository could not be set up or unlocked.

use thiserror::Error;

use super::not_opened::NotOpened;
use crate::format::KeyName;
use crate::keyring::KeyError;
use crate::keyring::files::ModifiedFiles;
use crate::keyring::trust::MemoryError;
use crate::repository::{CommitOrigin, PathBytes, RepositoryError};

/// Why a repository could not be set up with a key, or unlocked. Nothing was changed.
#[derive(Debug, Error)]
pub(crate) enum UnlockError {
    /// The repository already has a key of this name.
    #[error(
        "this repository has already been initialized with {}",
        key_words(name)
    )]
    AlreadyInitialised { name: KeyName },
    /// There are files that are encrypted with a key of this name. A new key would not open them.
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
        /// The commits that added the succession statements leading to the key.
        origins: Vec<CommitOrigin>,
    },
    /// The key is a retired one. People who were removed may have it, and could read new files.
    #[error(
        "this key `{name}` was rotated out: it is kept to read the history, and encrypts nothing any more"
    )]
    Retired { name: KeyName },
    /// The key opens none of the encrypted files.
    #[error("wrong key: it does not open {path}, which `filter={}` says it should", name.driver())]
    WrongKey {
        name: KeyName,
        /// One of these files.
        path: PathBytes,
    },
    /// Files that would be overwritten have changes that may exist nowhere else.
    #[error("unlocking would overwrite changes: {0}")]
    Modified(ModifiedFiles),
    /// Files that would be overwritten have ciphertext that the key does not open. It may exist nowhere else.
    #[error("the key does not open what these files are now: {0}")]
    OtherCiphertext(ModifiedFiles),
    /// The repository has another key of this name, and there is no encrypted file that shows which one is right.
    #[error(
        "this repository has another key `{name}`, and no encrypted file here tells which is the right one"
    )]
    AnotherKey { name: KeyName },
    /// The filter of a rotated key belongs to another program, which could no longer read files of the earlier key.
    #[error("filter.{} is another program's, which has no use for a second key", name.driver())]
    OneKeyOnly { name: KeyName },
    /// The key that was given as an earlier key is the one in use.
    #[error("the key given is the key `{name}` that is in use here")]
    InUse { name: KeyName },
    /// The key that was given as an earlier key opens no file in history.
    #[error("wrong key: `{name}` opens no file of the whole history")]
    OpensNothing { name: KeyName },
    /// Two given keys have the same name.
    #[error("two of the keys given are called `{name}`")]
    SameName { name: KeyName },
    /// The new key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// This clone's memory of the key could not be read or written.
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
