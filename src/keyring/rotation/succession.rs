//! A key that was rotated in another clone: what shows that it was, and what proves the new one.

use std::collections::HashSet;

use crate::format::{Header, KeyFile, KeyName, decrypt};
use crate::keyring::people::collaborators::{Collaborators, WrappedKey};
use crate::keyring::setup::encrypted_files::{encrypted_files, opens};
use crate::repository::{BlobId, Incoming, PathBytes, Repository, RepositoryError, go_on};
use crate::secret::SecretBytes;

/// Keys of this clone that a commit which is about to be pulled has wrapped anew.
#[derive(Debug)]
pub(crate) struct Rewrapped {
    /// The commit.
    pub incoming: Incoming,
    /// All that is wrapped of these keys there.
    pub wrapped: Vec<WrappedKey>,
    /// Where these keys were wrapped before, and another content is now.
    changed: Vec<(KeyName, PathBytes)>,
}

/// What to unlock with.
#[derive(Debug)]
pub(crate) struct Newest {
    /// The keys.
    pub keys: Vec<KeyFile>,
    /// Those of which another one is wrapped, by who knows what: the one in use stays.
    pub doubtful: Vec<KeyName>,
}

/// A key that takes the place of the one before it.
#[derive(Debug)]
pub(crate) struct Succession {
    /// What both are called.
    pub key: KeyName,
    /// The commit with files of the new one; none where that was here already.
    pub proof: Option<Incoming>,
}

/// The first commit about to be pulled that has keys of this clone wrapped anew for the same people: a rotation.
pub(crate) fn rewrapped(repository: &Repository) -> Result<Option<Rewrapped>, RepositoryError> {
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
        let changed = wrapped.iter().filter(is_new);
        let here = repository.keys().names()?;
        let changed: Vec<(KeyName, PathBytes)> = changed
            .filter(|new| here.contains(&new.key))
            .map(|new| (new.key.clone(), new.file.path.clone()))
            .collect();
        wrapped.retain(|wrapped| changed.iter().any(|(name, _)| *name == wrapped.key));
        if !wrapped.is_empty() {
            return Ok(Some(Rewrapped {
                incoming,
                wrapped,
                changed,
            }));
        }
    }
    Ok(None)
}

/// The keys to unlock with, of those wrapped `here` and those wrapped in a commit about to be pulled. One that was rotated
/// out does not come back because an older commit still has it.
///
/// Anybody can wrap a key of their own for people whose public keys are known, and push it. So a wrapped key takes the
/// place of one that is in use only if whoever wrapped it knew what that one opens.
pub(crate) fn newest(
    repository: &Repository,
    here: Vec<KeyFile>,
    rewrapped: Option<&Rewrapped>,
    incoming: Vec<KeyFile>,
) -> Result<Newest, RepositoryError> {
    let (mut keys, mut doubtful) = (Vec::new(), Vec::new());
    for key in incoming {
        if repository.keys().is_retired(&key)? {
            continue;
        }
        let handed_on = rewrapped.map(|new| is_handed_on(repository, new, &key));
        match handed_on.transpose()? {
            Some(true) => keys.push(key),
            _ => doubtful.push(key.name().clone()),
        }
    }
    for key in here {
        if keys
            .iter()
            .any(|newer: &KeyFile| newer.name() == key.name())
        {
            continue;
        }
        let Ok(stored) = repository.keys().load(key.name()) else {
            keys.push(key);
            continue;
        };
        let was_rotated_out = repository.keys().is_retired(&key)?;
        if was_rotated_out || is_same(&stored, &key) {
            keys.push(stored);
        } else if opens_less(repository, &key, &stored)? {
            doubtful.push(key.name().clone());
            keys.push(stored);
        } else {
            keys.push(key);
        }
    }
    doubtful.dedup();
    Ok(Newest { keys, doubtful })
}

/// True where the commit that wrapped `key` has every file of this clone encrypted again, as a rotation leaves it: what
/// the key in use opens before it, this one opens after it. What others changed in between is not known well enough.
fn is_handed_on(
    repository: &Repository,
    rewrapped: &Rewrapped,
    key: &KeyFile,
) -> Result<bool, RepositoryError> {
    let name = key.name();
    let path = rewrapped.changed.iter().find(|(of, _)| of == name);
    let commit = rewrapped.incoming.commit;
    let (Some((_, path)), Some(head)) = (path, repository.head_commit()?) else {
        return Ok(false);
    };
    let stored = repository.keys().load(name)?;
    let Some((before, after)) = repository.origin_of(commit, path)? else {
        return Ok(is_same(&stored, key));
    };
    let base = repository.common_ancestor(head, before);
    let mut shown = is_same(&stored, key);
    for entry in encrypted_files(repository, name)? {
        go_on()?;
        let at = |commit| repository.blob_at(commit, &entry.path);
        let (of_base, before) = (base.and_then(at), at(before));
        let Some(mine) = at(head).filter(|_| of_base.is_some() || before.is_some()) else {
            continue;
        };
        if plaintext(repository, &stored, mine).is_none() {
            continue;
        }
        let Some(before) = before.filter(|it| *it == mine || Some(*it) == of_base) else {
            return Ok(false);
        };
        let after = at(after).and_then(|after| plaintext(repository, key, after));
        let before = plaintext(repository, &stored, before);
        let Some((mut before, mut after)) = before.zip(after) else {
            return Ok(false);
        };
        if before.expose() != after.expose() {
            return Ok(false);
        }
        shown |= !before.is_empty();
    }
    Ok(shown)
}

fn plaintext(repository: &Repository, key: &KeyFile, blob: BlobId) -> Option<SecretBytes> {
    let blob = repository.blob(blob).ok()?;
    let header = Header::parse(blob.content()).ok()??;
    let mut content = SecretBytes::copy_of(&blob.content()[Header::LEN..]);
    decrypt(key, header, &mut content).ok()?;
    Some(content)
}

/// True where a file here is closed to `key` and open to `other`.
fn opens_less(
    repository: &Repository,
    key: &KeyFile,
    other: &KeyFile,
) -> Result<bool, RepositoryError> {
    for entry in encrypted_files(repository, key.name())? {
        go_on()?;
        let blob = repository.blob(entry.blob)?;
        if !opens(key, blob.content()) && opens(other, blob.content()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `key` takes the place of the one in the key store: it opens none of the files here, that one does, and a
/// commit that is about to be pulled, or a branch, has a file that it opens.
pub(crate) fn succession(
    repository: &Repository,
    key: &KeyFile,
) -> Result<Option<Succession>, RepositoryError> {
    let Ok(stored) = repository.keys().load(key.name()) else {
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
pub(crate) fn is_same(one: &KeyFile, other: &KeyFile) -> bool {
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
        let encryptions = repository
            .attributes()
            .encryptions(files.iter().map(|(path, _)| path))?;
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
