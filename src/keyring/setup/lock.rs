//! Taking a key out of a repository: encrypted files in the work trees, no drivers, no key.

use std::path::PathBuf;

use thiserror::Error;

use super::encrypted_files::{ModifiedFiles, encrypted_files, part_modified};
use crate::format::{KeyFile, KeyName};
use crate::keyring::rotation::rotate;
use crate::repository::{IndexEntry, PathBytes, Repository, RepositoryError};

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
    #[error("locking would overwrite changes: {0}")]
    Modified(ModifiedFiles),
    /// A linked work tree whose plaintext would be left without a filter.
    #[error("the linked work tree at {} can't be reached, and its files may be in plaintext", path.display())]
    OutOfReach {
        /// Where it should be.
        path: PathBuf,
    },
    /// The only copy of a key that staged files need would go.
    #[error("key `{name}` is being rotated, and the new one is not committed yet")]
    Rotating {
        /// The key.
        name: KeyName,
    },
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Locks the keys called `names`, in all work trees; with `force`, modified files are overwritten.
///
/// First the work trees are brought to ciphertext while the drivers are still there, for which it is as unmodified as
/// plaintext; then the drivers go, then the keys. So an interrupt never leaves plaintext that no filter covers, and
/// locking again finishes.
///
/// Returns the files that stay plaintext, since a symbolic link in the work tree leads to them.
pub(crate) fn lock(
    repository: &Repository,
    names: &[KeyName],
    force: bool,
) -> Result<Vec<PathBytes>, LockError> {
    let _alone = repository.keys().lock()?;
    let configured = repository.configured_drivers()?;
    let mut to_lock: Vec<&KeyName> = Vec::new();
    for name in names {
        if configured.contains(name) || repository.keys().has(name)? {
            to_lock.push(name);
        }
    }
    if to_lock.is_empty() {
        return Err(LockError::AlreadyLocked {
            names: names.to_vec(),
        });
    }
    for name in to_lock.iter().filter(|_| !force) {
        if rotate::underway(repository, name)?.is_some() {
            return Err(LockError::Rotating {
                name: (*name).clone(),
            });
        }
    }
    let others = repository.other_work_trees()?;
    if let Some(path) = others.out_of_reach.into_iter().next().filter(|_| !force) {
        return Err(LockError::OutOfReach { path });
    }
    let places = || std::iter::once(repository).chain(&others.present);
    let mut to_write = Vec::new();
    let mut elsewhere = Vec::new();
    for place in places().filter(|place| place.work_tree().is_some()) {
        place.require_index()?;
        elsewhere.extend(place.plaintext_behind_links(&to_lock)?);
        to_write.push((place, files_to_write(repository, place, &to_lock, force)?));
    }
    for (place, files) in to_write {
        place.check_out_stored(&to_lock, &files.iter().collect::<Vec<_>>())?;
    }
    repository.remove_drivers(&to_lock)?;
    for name in to_lock {
        repository.keys().remove(name)?;
    }
    Ok(elsewhere)
}

/// The encrypted files in the work tree at `place`, which must be unmodified if not by `force`.
fn files_to_write(
    in_hand: &Repository,
    place: &Repository,
    names: &[&KeyName],
    force: bool,
) -> Result<Vec<IndexEntry>, LockError> {
    let mut files = Vec::new();
    for name in names {
        // Forcing needs no key: one that can't be read must not keep the repository open.
        let key: Option<KeyFile> = match force {
            true => None,
            false => in_hand.keys().load_if_there(name)?,
        };
        let (unmodified, modified) =
            part_modified(place, encrypted_files(place, name)?, key.as_ref())?;
        files.extend(unmodified);
        if force {
            files.extend(modified);
        } else if !modified.is_empty() {
            let modified = ModifiedFiles::new(place, in_hand, modified);
            return Err(LockError::Modified(modified));
        }
    }
    Ok(files)
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
