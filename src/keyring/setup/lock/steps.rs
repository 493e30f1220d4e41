//! Locks: all steps, in order.

use std::path::PathBuf;

use super::decide::{LockRequest, decide};
use super::error::LockError;
use super::look::look;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::setup::resolutions::forget_resolutions;
use crate::keyring::setup::unfinished;
use crate::keyring::trust::{Memory, MemoryError};
use crate::repository::{PathBytes, Repository};

/// The result of locking.
#[derive(Debug, Default)]
pub(crate) struct Locked {
    /// Files that stay plaintext, because the work tree has a symbolic link to them.
    pub behind_links: Vec<PathBytes>,
    /// True if retired keys were removed, too.
    pub had_former_keys: bool,
    /// Removed keys that are not those that this clone remembers.
    pub unknown: Vec<UnknownKey>,
    /// The keys for which this clone's memory could not be used and was replaced, with the reason.
    pub rebuilt: Vec<(KeyName, MemoryError)>,
    /// The paths of other keys of the same names, which git-crypt has left in other work trees. They stay there.
    pub others: Vec<PathBuf>,
}

/// A key that another program has put in the place of the one that this clone remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownKey {
    pub name: KeyName,
    /// The id of the key in the key store.
    pub stored: KeyId,
    /// The id of the key that this clone remembers.
    pub known: KeyId,
}

/// Locks the keys called `names`, in all work trees.
///
/// First the files in the work trees become ciphertext. The drivers are still configured, so Git takes the files for
/// unmodified. Then the drivers are removed, then the keys. An interruption never leaves plaintext without a filter,
/// and locking again completes it.
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
        // A key that git-crypt or an older version of this program has stored is remembered from now on.
        held.memory.store(repository, name)?;
    }
    repository.configuration().remove_drivers(&names)?;
    for name in names {
        locked.others.extend(repository.keys().remove(name)?);
    }
    Ok(locked)
}
