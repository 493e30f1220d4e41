//! A key that was rotated in another clone: what shows that it was, and what proves the new one.

use std::collections::HashSet;

use super::collaborators::{Collaborators, WrappedKey};
use super::encrypted_files::{encrypted_files, opens};
use crate::format::{KeyFile, KeyName};
use crate::repository::{Incoming, Repository, RepositoryError, go_on};

/// Keys of this clone that a commit which is about to be pulled has wrapped anew.
#[derive(Debug)]
pub struct Rewrapped {
    /// The commit.
    pub incoming: Incoming,
    /// All that is wrapped of these keys there.
    pub wrapped: Vec<WrappedKey>,
}

/// A key that takes the place of the one before it.
#[derive(Debug)]
pub struct Succession {
    /// What both are called.
    pub key: KeyName,
    /// The commit with files of the new one; none where that was here already.
    pub proof: Option<Incoming>,
}

/// The first commit about to be pulled that has keys of this clone wrapped anew for the same people: a rotation.
pub fn rewrapped(repository: &Repository) -> Result<Option<Rewrapped>, RepositoryError> {
    let collaborators = Collaborators::of(repository)?;
    let before = collaborators.committed_keys(repository, None)?;
    for incoming in repository.incoming()? {
        let mut wrapped = collaborators.committed_keys(repository, Some(incoming.commit))?;
        let is_new = |after: &&WrappedKey| {
            let same = before
                .iter()
                .find(|before| before.file.path == after.file.path);
            same.is_some_and(|before| before.file != after.file)
        };
        let names = wrapped.iter().filter(is_new).map(|new| new.key.clone());
        let names: Vec<KeyName> = names
            .filter(|name| repository.find_key(name).is_some())
            .collect();
        wrapped.retain(|wrapped| names.contains(&wrapped.key));
        if !wrapped.is_empty() {
            return Ok(Some(Rewrapped { incoming, wrapped }));
        }
    }
    Ok(None)
}

/// The keys to unlock with, of those wrapped `here` and those wrapped in a commit about to be pulled. One that was rotated
/// out does not come back because an older commit still has it.
pub fn newest(
    repository: &Repository,
    here: Vec<KeyFile>,
    incoming: Vec<KeyFile>,
) -> Result<Vec<KeyFile>, RepositoryError> {
    let mut newest = Vec::new();
    for key in incoming {
        if !repository.is_retired(&key)? {
            newest.push(key);
        }
    }
    for key in here {
        if newest.iter().any(|newer| newer.name() == key.name()) {
            continue;
        }
        let is_here = repository.find_key(key.name()).is_some();
        newest.push(match is_here && repository.is_retired(&key)? {
            true => repository.load_key(key.name())?,
            false => key,
        });
    }
    Ok(newest)
}

/// Whether `key` takes the place of the one in the key store: it opens none of the files here, that one does, and a
/// commit that is about to be pulled, or a branch, has a file that it opens.
pub(super) fn succession(
    repository: &Repository,
    key: &KeyFile,
) -> Result<Option<Succession>, RepositoryError> {
    let Ok(stored) = repository.load_key(key.name()) else {
        return Ok(None);
    };
    let is_stored = is_same(&stored, key);
    let files = encrypted_files(repository, key.name())?;
    let mut opens_any = files.is_empty() && !is_stored;
    for entry in files {
        go_on()?;
        let blob = repository.blob(entry.blob)?;
        if opens(key, blob.content()) {
            return Ok(None);
        }
        opens_any = opens_any || opens(&stored, blob.content());
    }
    if !opens_any {
        return Ok(None);
    }
    let proof = match is_stored {
        true => None,
        false => match proof(repository, key)? {
            Some(incoming) => Some(incoming),
            None => return Ok(None),
        },
    };
    let key = key.name().clone();
    Ok(Some(Succession { key, proof }))
}

/// True where both are the same key, apart from what they were before.
pub(super) fn is_same(one: &KeyFile, other: &KeyFile) -> bool {
    one.to_bytes().expose() == other.to_bytes().expose()
}

/// The first commit with a file that `key` opens: of those about to be pulled, then of all branches, since Git may have been
/// stopped at changing to one.
fn proof(repository: &Repository, key: &KeyFile) -> Result<Option<Incoming>, RepositoryError> {
    let mut tried = HashSet::new();
    let pulled = repository.incoming()?;
    for incoming in pulled.into_iter().chain(repository.branches_ahead()?) {
        let mut files = repository.brought_by(incoming.commit)?;
        files.retain(|file| tried.insert(file.clone()));
        let encryptions = repository.encryptions(files.iter().map(|(path, _)| path))?;
        for ((_, blob), encryption) in files.into_iter().zip(encryptions) {
            go_on()?;
            if encryption.is_some_and(|encryption| encryption.key == *key.name())
                && opens(key, repository.blob(blob)?.content())
            {
                return Ok(Some(incoming));
            }
        }
    }
    Ok(None)
}
