//! Setting a repository up with a key that opens what is there.

use std::collections::BTreeSet;

use thiserror::Error;

use super::encrypted_files::{ModifiedFiles, encrypted_files, opens, part_modified};
use super::set_up_before::Before;
use crate::format::{KeyFile, KeyName};
use crate::keyring::KeyError;
use crate::keyring::rotation::succession::{Succession, is_same, succession};
use crate::repository::{
    CommitId, FilterProgram, IndexEntry, PathBytes, Repository, RepositoryError, go_on,
};

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
    /// It would encrypt again, readable for whom it was rotated because of.
    #[error(
        "this key `{name}` was rotated out: it is kept to read the history, and encrypts nothing any more"
    )]
    Retired {
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
    /// There is another key of that name, and no encrypted file to tell which is the right one.
    #[error(
        "this repository has another key `{name}`, and no encrypted file here tells which is the right one"
    )]
    AnotherKey {
        /// The key's name.
        name: KeyName,
    },
    /// The filter of a rotated key is another program's, which could not read the files of before any more.
    #[error("filter.{} is another program's, which has no use for a second key", name.driver())]
    OneKeyOnly {
        /// The key's name.
        name: KeyName,
    },
    /// A key that is to be kept for the history is the one that encrypts.
    #[error("the key given is the key `{name}` that is in use here")]
    InUse {
        /// The key's name.
        name: KeyName,
    },
    /// A key that is to be kept for the history opens nothing in it.
    #[error("wrong key: `{name}` opens no file of the whole history")]
    OpensNothing {
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

/// What unlocking has left as it was, and what it has replaced.
#[derive(Debug)]
pub(crate) struct Unlocked {
    /// The keys whose filter stays git-crypt's.
    pub kept: Vec<KeyName>,
    /// The files that the right key does not open, since they are damaged or were encrypted with another one.
    pub closed: Vec<PathBytes>,
    /// The keys that were rotated elsewhere, and take the place of those of before.
    pub succeeded: Vec<Succession>,
    /// The files that Git had half changed to what it could not read, and that are as they were before.
    pub restored: Vec<PathBytes>,
}

/// Proves each of `keys` on an encrypted file, stores it, configures its drivers and decrypts the work trees.
///
/// A key that was rotated elsewhere proves itself on a file that is about to be pulled; with the one before it kept,
/// all files stay as they are. Everything that can be wrong is looked for before anything is changed. Interrupted after
/// that, the repository is usable, and unlocking again finishes: files that are still encrypted count as unmodified.
pub(crate) fn unlock(
    repository: &Repository,
    keys: &[KeyFile],
    program: &FilterProgram,
) -> Result<Unlocked, UnlockError> {
    let _alone = repository.keys().lock()?;
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.name() == key.name()) {
            return Err(UnlockError::SameName {
                name: key.name().clone(),
            });
        }
    }
    for key in keys {
        let stored = repository.keys().load_to_replace(key.name())?;
        let is_another = stored.is_some_and(|stored| !is_same(&stored, key));
        if is_another && repository.keys().is_retired(key)? {
            let name = key.name().clone();
            return Err(UnlockError::Retired { name });
        }
    }
    let others = repository.other_work_trees()?;
    let places = || std::iter::once(repository).chain(&others.present);
    let before = Before::of(repository, keys, program)?;
    let mut succeeded = Vec::new();
    let mut opening = Vec::new();
    for key in keys {
        match succession(repository, key)? {
            Some(succession) => succeeded.push(succession),
            None => opening.push(key),
        }
    }
    if !succeeded.is_empty() {
        // For what is unlocked already there is nothing to do, and what its user has changed is not in the way.
        opening.retain(|key| {
            let stored = repository.keys().load(key.name());
            !stored.is_ok_and(|stored| is_same(&stored, key))
        });
    }
    let successors: Vec<&KeyName> = succeeded.iter().map(|new| &new.key).collect();
    if let Some(name) = repository.kept_drivers(&successors, program)?.first() {
        let name = (*name).clone();
        return Err(UnlockError::OneKeyOnly { name });
    }
    let mut to_write = Vec::new();
    let mut closed = Vec::new();
    for place in places() {
        let files = files_to_write(repository, place, &opening, &before, &mut closed)?;
        to_write.push((place, files));
    }
    let names: Vec<&KeyName> = keys.iter().map(KeyFile::name).collect();
    let before: Vec<Option<KeyFile>> = names
        .iter()
        .map(|name| repository.keys().load(name).ok())
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
                    Some(before) => repository.keys().store(&before),
                    None => repository.keys().remove(name).map(drop),
                };
            }
            return Err(error.into());
        }
    };
    for (place, files) in to_write {
        place.check_out(&files.iter().collect::<Vec<_>>())?;
    }
    let restored = match succeeded.is_empty() || repository.work_tree().is_none() {
        true => Vec::new(),
        false => {
            let proofs = succeeded.iter().filter_map(|new| new.proof.clone());
            let incoming = repository.incoming()?.into_iter().chain(proofs);
            let targets: BTreeSet<CommitId> = incoming.map(|incoming| incoming.commit).collect();
            repository.restore_half_done(&targets)?
        }
    };
    Ok(Unlocked {
        kept,
        closed,
        succeeded,
        restored,
    })
}

/// The encrypted files in the work tree at `place`, which must be unmodified. Where the key is here already, modified ones
/// are work in plaintext that nothing is wrong with: they stay.
fn files_to_write(
    in_hand: &Repository,
    place: &Repository,
    keys: &[&KeyFile],
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
    if let Ok(stored) = repository.keys().load(key.name())
        && !is_same(&stored, key)
    {
        repository.keys().retire(&stored)?;
    }
    repository.keys().store(key)
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
        match opens(key, repository.blob(entry.blob)?.content()) {
            true => opened.push(entry),
            false => refused.push(entry),
        }
    }
    Ok((opened, refused))
}

fn refuse_another(repository: &Repository, key: &KeyFile) -> Result<(), UnlockError> {
    let name = key.name();
    let Ok(stored) = repository.keys().load(name) else {
        return Ok(());
    };
    match is_same(&stored, key) {
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
