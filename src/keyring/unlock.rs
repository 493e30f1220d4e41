//! Setting a repository up with a key: a new one, or one that opens what is there.

use thiserror::Error;

use super::encrypted_files::{ModifiedFiles, encrypted_files, part_modified};
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
    #[error("unlocking would overwrite changes: {0}")]
    Modified(ModifiedFiles),
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

/// Proves each of `keys` on an encrypted file, stores it, configures its drivers and decrypts the work trees.
///
/// Everything that can be wrong is looked for before anything is changed. Interrupted after that, the repository is
/// usable, and unlocking again finishes: files that are still encrypted count as unmodified.
pub fn unlock(
    repository: &Repository,
    keys: &[KeyFile],
    program: &FilterProgram,
) -> Result<(), UnlockError> {
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.name() == key.name()) {
            return Err(UnlockError::SameName {
                name: key.name().clone(),
            });
        }
    }
    let others = repository.other_work_trees()?;
    let places = || std::iter::once(repository).chain(&others.present);
    let configured = repository.configured_drivers()?;
    let mut to_write = Vec::new();
    for place in places() {
        to_write.push((place, files_to_write(repository, place, keys, &configured)?));
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
    for (place, files) in to_write {
        place.check_out(&files.iter().collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The encrypted files in the work tree at `place`, which must be unmodified.
fn files_to_write(
    in_hand: &Repository,
    place: &Repository,
    keys: &[KeyFile],
    configured: &[KeyName],
) -> Result<Vec<IndexEntry>, UnlockError> {
    let mut to_write = Vec::new();
    for key in keys {
        let files = encrypted_files(place, key.name())?;
        match prove(place, key, &files) {
            Ok(()) => {}
            // Another branch may have been encrypted with another key; it stays as it is.
            Err(UnlockError::WrongKey { .. }) if !std::ptr::eq(place, in_hand) => continue,
            Err(error) => return Err(error),
        }
        if place.work_tree().is_some() {
            if configured.contains(key.name()) && !opens_with_stored_key(place, key, &files) {
                let missing = |entry: &&IndexEntry| {
                    !entry.skip_worktree && !place.is_regular_file(&entry.path)
                };
                to_write.extend(files.iter().filter(missing).cloned());
            }
            let (unmodified, modified) = part_modified(place, files, Some(key))?;
            if !modified.is_empty() {
                let modified = ModifiedFiles::new(place, in_hand, modified);
                return Err(UnlockError::Modified(modified));
            }
            to_write.extend(unmodified);
        }
    }
    Ok(to_write)
}

/// False where the filter can't have worked until now: then Git has removed the files that it could not smudge.
fn opens_with_stored_key(place: &Repository, key: &KeyFile, files: &[IndexEntry]) -> bool {
    let stored = place.load_key(key.name());
    stored.is_ok_and(|stored| prove(place, &stored, files).is_ok())
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
