//! Setting a repository up with a key: a new one, or one that opens what is there.

use thiserror::Error;

use super::encrypted_files::{ModifiedFiles, encrypted_files, part_modified};
use super::set_up_before::Before;
use super::{KeyError, generate};
use crate::format::{KeyFile, KeyName, is_authentic};
use crate::repository::{FilterProgram, IndexEntry, PathBytes, Repository, RepositoryError, go_on};

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
    /// There are files that a key of that name has encrypted, and that a new one would not open.
    #[error("{path} is encrypted already, with a key `{name}` that is not here")]
    KeyElsewhere {
        /// The key's name.
        name: KeyName,
        /// One of the files.
        path: PathBytes,
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
    /// There is another key of that name, and no encrypted file to tell which is the right one.
    #[error(
        "this repository has another key `{name}`, and no encrypted file here tells which is the right one"
    )]
    AnotherKey {
        /// The key's name.
        name: KeyName,
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

/// What unlocking has left as it was.
#[derive(Debug)]
pub struct Unlocked {
    /// The keys whose filter stays git-crypt's.
    pub kept: Vec<KeyName>,
    /// The files that the right key does not open, since they are damaged or were encrypted with another one.
    pub closed: Vec<PathBytes>,
}

/// Makes a new key, stores it and configures its drivers; refuses where the repository has a key of that name, or files
/// encrypted with one.
///
/// Killed in between, it leaves a filter without a key: `git add` refuses, and `init` can be run again. The other way
/// round, plaintext would be added.
///
/// Returns the keys whose filter stays git-crypt's.
pub fn initialise(
    repository: &Repository,
    name: &KeyName,
    program: &FilterProgram,
) -> Result<Vec<KeyName>, UnlockError> {
    let _alone = repository.lock_setup()?;
    if repository.find_key(name).is_some() {
        return Err(UnlockError::AlreadyInitialised { name: name.clone() });
    }
    if let Some(entry) = encrypted_files(repository, name)?.into_iter().next() {
        let (name, path) = (name.clone(), entry.path);
        return Err(UnlockError::KeyElsewhere { name, path });
    }
    let key = generate(name.clone())?;
    let filtered = repository.driver(name)?.filters();
    let kept = repository.configure_drivers(&[name], program)?;
    if let Err(error) = repository.store_key(&key) {
        if !filtered {
            // The first error is the one to tell.
            let _ = repository.remove_drivers(&[name]);
        }
        return Err(error.into());
    }
    Ok(kept.into_iter().cloned().collect())
}

/// Proves each of `keys` on an encrypted file, stores it, configures its drivers and decrypts the work trees.
///
/// Everything that can be wrong is looked for before anything is changed. Interrupted after that, the repository is
/// usable, and unlocking again finishes: files that are still encrypted count as unmodified.
pub fn unlock(
    repository: &Repository,
    keys: &[KeyFile],
    program: &FilterProgram,
) -> Result<Unlocked, UnlockError> {
    let _alone = repository.lock_setup()?;
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.name() == key.name()) {
            return Err(UnlockError::SameName {
                name: key.name().clone(),
            });
        }
    }
    let others = repository.other_work_trees()?;
    let places = || std::iter::once(repository).chain(&others.present);
    let before = Before::of(repository, keys, program)?;
    let mut to_write = Vec::new();
    let mut closed = Vec::new();
    for place in places() {
        let files = files_to_write(repository, place, keys, &before, &mut closed)?;
        to_write.push((place, files));
    }
    let names: Vec<&KeyName> = keys.iter().map(KeyFile::name).collect();
    let before: Vec<Option<KeyFile>> = names
        .iter()
        .map(|name| repository.load_key(name).ok())
        .collect();
    let configured = keys
        .iter()
        .try_for_each(|key| replace(repository, key))
        .and_then(|()| repository.configure_drivers(&names, program));
    let kept = match configured {
        Ok(kept) => kept.into_iter().cloned().collect(),
        Err(error) => {
            // A key that no filter uses would make the repository look unlocked, and the one before may be the only copy.
            for (name, before) in names.iter().zip(before) {
                // The first error is the one to tell.
                let _ = match before {
                    Some(before) => repository.store_key(&before),
                    None => repository.remove_key(name).map(drop),
                };
            }
            return Err(error.into());
        }
    };
    for (place, files) in to_write {
        place.check_out(&files.iter().collect::<Vec<_>>())?;
    }
    Ok(Unlocked { kept, closed })
}

/// The encrypted files in the work tree at `place`, which must be unmodified. Where the key is here already, modified ones
/// are work in plaintext that nothing is wrong with: they stay.
fn files_to_write(
    in_hand: &Repository,
    place: &Repository,
    keys: &[KeyFile],
    before: &Before,
    closed: &mut Vec<PathBytes>,
) -> Result<Vec<IndexEntry>, UnlockError> {
    place.require_index()?;
    let mut to_write = Vec::new();
    for key in keys {
        let (files, refused) = part_opened(place, key, encrypted_files(place, key.name())?)?;
        if files.is_empty() {
            match refused.into_iter().next() {
                // Nothing to prove the key on: it must not take the place of one that may be the right one.
                None if std::ptr::eq(place, in_hand) => refuse_another(in_hand, key)?,
                None => {}
                // Another branch may have been encrypted with another key; it stays as it is.
                Some(_) if !std::ptr::eq(place, in_hand) => {}
                Some(entry) => {
                    let (name, path) = (key.name().clone(), entry.path);
                    return Err(UnlockError::WrongKey { name, path });
                }
            }
            continue;
        }
        closed.extend(refused.into_iter().map(|entry| entry.path));
        if place.work_tree().is_some() {
            if !before.filtered(place, key, &files) {
                let missing = |entry: &&IndexEntry| {
                    !entry.skip_worktree && !place.is_regular_file(&entry.path)
                };
                to_write.extend(files.iter().filter(missing).cloned());
            }
            let (unmodified, modified) = part_modified(place, files, Some(key))?;
            if !modified.is_empty() && !before.has_key(key) {
                let modified = ModifiedFiles::new(place, in_hand, modified);
                return Err(UnlockError::Modified(modified));
            }
            to_write.extend(unmodified);
        }
    }
    Ok(to_write)
}

/// Stores a key; another one of its name is kept for the history, as after a rotation.
fn replace(repository: &Repository, key: &KeyFile) -> Result<(), RepositoryError> {
    if let Ok(stored) = repository.load_key(key.name())
        && stored.to_bytes().expose() != key.to_bytes().expose()
    {
        repository.retire_key(&stored)?;
    }
    repository.store_key(key)
}

/// The files that `key` opens, and those that it does not. A wrong key must not leave a repository in which even
/// `git reset --hard` fails, and one damaged file must not stop the check-out of the others half-way.
fn part_opened(
    repository: &Repository,
    key: &KeyFile,
    files: Vec<IndexEntry>,
) -> Result<(Vec<IndexEntry>, Vec<IndexEntry>), RepositoryError> {
    let mut opened = Vec::with_capacity(files.len());
    let mut refused = Vec::new();
    for entry in files {
        go_on()?;
        match opens(repository, key, &entry)? {
            true => opened.push(entry),
            false => refused.push(entry),
        }
    }
    Ok((opened, refused))
}

pub(super) fn opens(
    repository: &Repository,
    key: &KeyFile,
    entry: &IndexEntry,
) -> Result<bool, RepositoryError> {
    let blob = repository.blob(entry.blob)?;
    Ok(is_authentic(key, std::iter::once(blob.content())))
}

fn refuse_another(repository: &Repository, key: &KeyFile) -> Result<(), UnlockError> {
    let name = key.name();
    let Ok(stored) = repository.load_key(name) else {
        return Ok(());
    };
    match stored.to_bytes().expose() == key.to_bytes().expose() {
        true => Ok(()),
        false => Err(UnlockError::AnotherKey { name: name.clone() }),
    }
}

fn key_words(name: &KeyName) -> String {
    match name.name() {
        None => "git-crypt".to_owned(),
        Some(name) => format!("the git-crypt key `{name}`"),
    }
}
