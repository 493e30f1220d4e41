//! Taking a key out of a repository: encrypted files in the work tree, no drivers, no key.

use thiserror::Error;

use super::encrypted_files::{encrypted_files, modified, present};
use super::unlock::{count, list};
use crate::format::KeyName;
use crate::repository::{PathBytes, Repository, RepositoryError};

/// Why a repository was not locked. Nothing was changed.
#[derive(Debug, Error)]
pub enum LockError {
    /// There is neither key nor driver.
    #[error("this repository is already locked{}", with_key(names))]
    AlreadyLocked {
        /// The keys asked for.
        names: Vec<KeyName>,
    },
    /// Files that would be written anew hold work that is nowhere else.
    #[error("{} modified in the work tree, and locking would overwrite {}: {}", count(paths.len(), "encrypted file is", "encrypted files are"), if paths.len() == 1 { "it" } else { "them" }, list(paths))]
    Modified {
        /// Which.
        paths: Vec<PathBytes>,
    },
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Locks the keys called `names`; with `force`, modified files are overwritten.
///
/// First the work tree is brought to ciphertext while the drivers are still there, for which it is as unmodified as
/// plaintext; then the drivers go, then the keys. So an interrupt never leaves plaintext that no filter covers, and
/// locking again finishes.
pub fn lock(repository: &Repository, names: &[KeyName], force: bool) -> Result<(), LockError> {
    let configured = repository.configured_drivers()?;
    let to_lock: Vec<&KeyName> = names
        .iter()
        .filter(|name| repository.find_key(name).is_some() || configured.contains(name))
        .collect();
    if to_lock.is_empty() {
        return Err(LockError::AlreadyLocked {
            names: names.to_vec(),
        });
    }
    if repository.work_tree().is_some() {
        let mut files = Vec::new();
        for name in &to_lock {
            let of_this_key = encrypted_files(repository, name)?;
            if !force {
                let key = repository
                    .find_key(name)
                    .map(|_| repository.load_key(name))
                    .transpose()?;
                let paths = modified(repository, &of_this_key, key.as_ref())?;
                if !paths.is_empty() {
                    return Err(LockError::Modified {
                        paths: paths.into_iter().cloned().collect(),
                    });
                }
            }
            files.extend(of_this_key);
        }
        repository.check_out_stored(&to_lock, &present(&files))?;
    }
    repository.remove_drivers(&to_lock)?;
    for name in to_lock {
        repository.remove_key(name)?;
    }
    Ok(())
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
