//! Taking a key out of a repository: encrypted files in the work trees, no drivers, no key.

use std::path::PathBuf;

use thiserror::Error;

use super::encrypted_files::{ModifiedFiles, encrypted_files, part_modified};
use super::resolutions::forget_resolutions;
use super::unlock::unfinished;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::people::Collaborators;
use crate::keyring::rotation::rotate;
use crate::keyring::trust::{Memory, MemoryError};
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
    /// The key would be gone for good.
    #[error(
        "key `{name}` exists nowhere else, as far as this clone knows: it was never exported, and is wrapped for nobody"
    )]
    OnlyCopy {
        /// The key.
        name: KeyName,
    },
    /// The only copy of a key that staged files need would go.
    #[error("key `{name}` is being rotated, and the new one is not committed yet")]
    Rotating {
        /// The key.
        name: KeyName,
    },
    /// What the clone remembers of the key could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Locks the keys called `names`, in all work trees; with `force`, modified files are overwritten, and with `discard` a key
/// may go that exists nowhere else.
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
    discard: bool,
) -> Result<Vec<PathBytes>, LockError> {
    let _alone = repository.keys().lock()?;
    let configured = repository.configuration().keys_with_filter()?;
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
    let mut keys = Vec::new();
    for name in &to_lock {
        let key = match repository.keys().load_if_there(name) {
            // Forcing needs no key: one that can't be read must not keep the repository open.
            Err(_) if force => None,
            loaded => loaded?,
        };
        keys.extend(key);
    }
    let others = repository.other_work_trees()?;
    if let Some(path) = others.out_of_reach.into_iter().next().filter(|_| !force) {
        return Err(LockError::OutOfReach { path });
    }
    let places = || std::iter::once(repository).chain(&others.present);
    let mut to_write = Vec::new();
    let mut elsewhere = Vec::new();
    for place in places().filter(|place| place.work_tree().top().is_some()) {
        place.index().require()?;
        elsewhere.extend(place.work_tree().plaintext_behind_links(&to_lock)?);
        to_write.push((place, files_to_write(repository, place, &to_lock, force)?));
    }
    for key in keys.iter().filter(|_| !discard) {
        if !exists_elsewhere(repository, key)? {
            let name = key.name().clone();
            return Err(LockError::OnlyCopy { name });
        }
    }
    for (place, files) in to_write {
        unfinished::begin(place, &files)?;
        place
            .work_tree()
            .check_out_stored(&to_lock, &files.iter().collect::<Vec<_>>())?;
        unfinished::end(place)?;
    }
    forget_resolutions(repository, &keys)?;
    for key in keys {
        // One that an older version or git-crypt has stored is known from now on.
        Memory::of_stored(repository, &key)?.store(repository, key.name())?;
    }
    repository.configuration().remove_drivers(&to_lock)?;
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
    let begun = unfinished::begun(place)?;
    for name in names {
        // Forcing needs no key: one that can't be read must not keep the repository open.
        let key: Option<KeyFile> = match force {
            true => None,
            false => in_hand.keys().load_if_there(name)?,
        };
        let encrypted = encrypted_files(place, name)?;
        let is_taken_away = |entry: &&IndexEntry| {
            begun.contains(&entry.path) && !place.work_tree().is_regular_file(&entry.path)
        };
        files.extend(encrypted.iter().filter(is_taken_away).cloned());
        let (unmodified, modified) = part_modified(place, encrypted, key.as_ref())?;
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

/// True if this clone knows that the key is somewhere else: exported, given by hand, or wrapped for somebody.
fn exists_elsewhere(repository: &Repository, key: &KeyFile) -> Result<bool, LockError> {
    let id = KeyId::of(key);
    let memory = Memory::of_stored(repository, key)?;
    if memory.key_id == id && (memory.exported || memory.by_hand) {
        return Ok(true);
    }
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    Ok(wrapped.iter().any(|wrapped| wrapped.key == *key.name()))
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
