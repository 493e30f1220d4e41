//! Setting a repository up with a key: a new one, or one that opens what is there.

use thiserror::Error;

use super::encrypted_files::{encrypted_files, modified, present};
use super::{KeyError, generate};
use crate::format::{Header, KeyFile, KeyName, decrypt};
use crate::repository::{FilterProgram, IndexEntry, PathBytes, Repository, RepositoryError};
use crate::secret::SecretBytes;

/// So many blobs that a key does not open prove that it is the wrong one, not that they are damaged.
const BLOBS_TO_TRY: usize = 8;

/// Why a repository was not set up with a key. Nothing was changed.
#[derive(Debug, Error)]
pub enum UnlockError {
    /// There is a key of that name already.
    #[error(
        "this repository has already been initialized with {}",
        key_words(name)
    )]
    AlreadyInitialised {
        /// The key's name.
        name: KeyName,
    },
    /// The key opens none of the encrypted files.
    #[error("wrong key: it does not open {path}, which `filter={}` says it should", name.driver())]
    WrongKey {
        /// The key's name.
        name: KeyName,
        /// The file it was tried on.
        path: PathBytes,
    },
    /// Files that would be written anew hold work that is nowhere else.
    #[error("{} modified in the work tree, and unlocking would overwrite {}: {}", count(paths.len(), "encrypted file is", "encrypted files are"), if paths.len() == 1 { "it" } else { "them" }, list(paths))]
    Modified {
        /// Which.
        paths: Vec<PathBytes>,
    },
    /// Two keys of the same name were given.
    #[error("two of the keys given are called `{name}`")]
    SameName {
        /// The name.
        name: KeyName,
    },
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Makes a new key, stores it and configures its drivers; refuses where the repository has a key of that name.
pub fn initialise(
    repository: &Repository,
    name: &KeyName,
    program: &FilterProgram,
) -> Result<(), UnlockError> {
    if repository.find_key(name).is_some() {
        return Err(UnlockError::AlreadyInitialised { name: name.clone() });
    }
    repository.store_key(&generate(name.clone())?)?;
    let configured = repository.configure_drivers(&[name], program);
    if configured.is_err() {
        // A key that nothing uses would make the next attempt fail.
        repository.remove_key(name)?;
    }
    Ok(configured?)
}

/// Proves each of `keys` on an encrypted file, stores it, configures its drivers and decrypts the work tree.
///
/// Everything that can be wrong is looked for before anything is changed. Interrupted after that, the repository is
/// usable, and unlocking again finishes: files that are still encrypted count as unmodified.
pub fn unlock(
    repository: &Repository,
    keys: &[KeyFile],
    program: &FilterProgram,
) -> Result<(), UnlockError> {
    let mut files = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.name() == key.name()) {
            return Err(UnlockError::SameName {
                name: key.name().clone(),
            });
        }
        let of_this_key = encrypted_files(repository, key.name())?;
        prove(repository, key, &of_this_key)?;
        if repository.work_tree().is_some() {
            let paths = modified(repository, &of_this_key, Some(key))?;
            if !paths.is_empty() {
                return Err(UnlockError::Modified {
                    paths: paths.into_iter().cloned().collect(),
                });
            }
        }
        files.extend(of_this_key);
    }
    let names: Vec<&KeyName> = keys.iter().map(KeyFile::name).collect();
    let new: Vec<&KeyName> = names
        .iter()
        .copied()
        .filter(|name| repository.find_key(name).is_none())
        .collect();
    let configured = keys
        .iter()
        .try_for_each(|key| repository.store_key(key))
        .and_then(|()| repository.configure_drivers(&names, program));
    if let Err(error) = configured {
        // A key that no filter uses would make the repository look unlocked.
        for name in new {
            repository.remove_key(name)?;
        }
        return Err(error.into());
    }
    if repository.work_tree().is_some() {
        repository.check_out(&present(&files))?;
    }
    Ok(())
}

/// A wrong key must not leave a repository in which even `git reset --hard` fails.
fn prove(repository: &Repository, key: &KeyFile, files: &[IndexEntry]) -> Result<(), UnlockError> {
    for entry in files.iter().take(BLOBS_TO_TRY) {
        let blob = repository.blob(entry.blob)?;
        if let Ok(Some(header)) = Header::parse(blob.content()) {
            let mut content = SecretBytes::copy_of(&blob.content()[Header::LEN..]);
            if decrypt(key, header, &mut content).is_ok() {
                return Ok(());
            }
        }
    }
    match files.first() {
        None => Ok(()),
        Some(entry) => Err(UnlockError::WrongKey {
            name: key.name().clone(),
            path: entry.path.clone(),
        }),
    }
}

fn key_words(name: &KeyName) -> String {
    match name.name() {
        None => "git-crypt".to_owned(),
        Some(name) => format!("the git-crypt key `{name}`"),
    }
}

pub(super) fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// A few of the paths, and how many more there are.
pub(super) fn list(paths: &[PathBytes]) -> String {
    let shown: Vec<String> = paths.iter().take(5).map(ToString::to_string).collect();
    match paths.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
