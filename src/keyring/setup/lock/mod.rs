//! Takes a key out of a repository: encrypted files in the work trees, no drivers, no key.
//!
//! `look` reads all that there is to know, once; `decide` says whether that may be. Only then is anything changed.

mod decide;
mod elsewhere;
mod error;
mod held_key;
mod look;

pub(crate) use decide::LockRequest;
pub(crate) use error::LockError;

use decide::decide;
use look::look;

use std::path::PathBuf;

use super::resolutions::forget_resolutions;
use super::unfinished;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::trust::{Memory, MemoryError};
use crate::repository::{PathBytes, Repository};

/// The result of locking.
#[derive(Debug, Default)]
pub(crate) struct Locked {
    /// Files that stay plaintext, since a symbolic link in the work tree leads to them.
    pub behind_links: Vec<PathBytes>,
    /// True if keys from before a rotation have gone, too.
    pub had_former_keys: bool,
    /// Keys that were here and that this clone does not know.
    pub unknown: Vec<UnknownKey>,
    /// The clone's memory that could not be used, and that is made anew for the key that was here.
    pub rebuilt: Vec<(KeyName, MemoryError)>,
    /// Other keys of the same names, which git-crypt has left in other work trees, and which stay there.
    pub others: Vec<PathBuf>,
}

/// A key that another program has put in the place of the one that this clone knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownKey {
    /// The name of both.
    pub name: KeyName,
    /// The one in the key store.
    pub stored: KeyId,
    /// The one that this clone knows.
    pub known: KeyId,
}

/// Locks the keys called `names`, in all work trees.
///
/// First the work trees are brought to ciphertext while the drivers are still there, for which it is as unmodified as
/// plaintext. Then the drivers go, then the keys. An interrupt never leaves plaintext that no filter covers, and
/// locking again finishes.
pub(crate) fn lock(
    repository: &Repository,
    names: &[KeyName],
    request: LockRequest,
) -> Result<Locked, LockError> {
    let _alone = repository.keys().lock()?;
    let look = look(repository, names, request)?;
    let unknown = look.facts.keys.iter().filter(|key| key.is_unknown());
    let unknown = unknown.filter_map(|key| {
        Some(UnknownKey {
            name: key.name.clone(),
            stored: key.stored?,
            known: key.known?,
        })
    });
    let mut locked = Locked {
        behind_links: look.behind_links,
        had_former_keys: look.keys.iter().any(|held| held.key.has_retired()),
        unknown: unknown.collect(),
        ..Locked::default()
    };
    decide(look.facts, request)?;
    let names: Vec<&KeyName> = look.names.iter().collect();
    for (linked, files) in look.to_write {
        let place = linked.as_ref().unwrap_or(repository);
        unfinished::begin(place, &files)?;
        let files: Vec<_> = files.iter().collect();
        place.work_tree().check_out_stored(&names, &files)?;
        unfinished::end(place)?;
    }
    let keys: Vec<&KeyFile> = look.keys.iter().map(|held| &held.key).collect();
    forget_resolutions(repository, &keys)?;
    for held in look.keys {
        let name = held.key.name();
        if let Some(unusable) = held.unusable {
            Memory::put_aside(repository, name)?;
            locked.rebuilt.push((name.clone(), unusable));
        }
        // One that an older version or git-crypt has stored is known from now on.
        held.memory.store(repository, name)?;
    }
    repository.configuration().remove_drivers(&names)?;
    for name in names {
        locked.others.extend(repository.keys().remove(name)?);
    }
    Ok(locked)
}
