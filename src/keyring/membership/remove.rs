//! Removes somebody from the holders, with a tombstone: a signed statement of the removal. The removed person still
//! knows what they could read before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::known_holders::{KnownHolders, MembershipError};
use super::staged_change::{StagedChange, message};
use crate::format::KeyName;
use crate::keyring::people::{Collaborator, Collaborators, WrappedKey, removable_keys};
use crate::keyring::trust::{Memory, Reading, StatementFolders};
use crate::repository::{PathBytes, Repository};

/// Removes the wrapped keys of `collaborator` (of `key`, or of all keys), and stages this with a signed tombstone for each key.
///
/// A key with a list of holders must be in the key store. Without a tombstone, anybody who can push could restore the
/// wrapped keys.
pub(crate) fn remove_collaborator(
    repository: &Repository,
    key: Option<&KeyName>,
    collaborator: &Collaborator,
    now: Timestamp,
) -> Result<StagedChange, MembershipError> {
    let _alone = repository.keys().lock()?;
    let mut theirs = removable_keys(repository)?;
    theirs.retain(|wrapped| {
        wrapped.holder == collaborator.holder && key.is_none_or(|key| wrapped.key == *key)
    });
    // Somebody may be attested although no key is wrapped for them any more.
    let names = collaborator.keys.iter();
    let names = names.filter(|name| key.is_none_or(|key| key == *name));
    let mut names: BTreeSet<KeyName> = names.cloned().collect();
    names.extend(theirs.iter().map(|wrapped| wrapped.key.clone()));
    let here = repository.keys().names()?;
    let (absent, present): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| !here.contains(name));
    for name in absent {
        if has_statements(repository, &name)? {
            return Err(MembershipError::Unsigned { name });
        }
    }
    let (mut tombstones, mut memories) = (Vec::new(), Vec::new());
    for name in present {
        let key = repository.keys().load(&name)?;
        let mut known = KnownHolders::of(repository, &key)?;
        let Some(text) = known.text_of(collaborator) else {
            continue;
        };
        // A name from beside a wrapped key is not signed: anybody who can push may have written it.
        let given_name = collaborator.name().filter(|_| collaborator.is_name_given);
        let tombstone = known.sign(&key, true, text.clone(), given_name, now)?;
        let folders = StatementFolders::of(repository, &name)?;
        let content = tombstone.to_text().into_bytes();
        tombstones.push((folders.path_of_holder(&tombstone), content));
        known.memory.accepted.remove(&text);
        known.memory.removed.insert(text, tombstone.since);
        known.memory.holders_seen = true;
        memories.push(known);
    }
    let removed: Vec<PathBytes> = theirs.iter().flat_map(WrappedKey::paths).collect();
    let directory = Collaborators::of(repository)?;
    directory.require_writable(repository, &tombstones)?;
    // Remember first, then write: from now on, this clone does not accept a restored entry.
    for known in memories {
        known.remember(repository)?;
    }
    let mut paths = removed.clone();
    if !tombstones.is_empty() {
        paths.extend(directory.stage(repository, tombstones)?);
    }
    repository.shared_files().remove(&removed)?;
    Ok(StagedChange {
        paths,
        message: message("Remove", key, &[collaborator.to_string()]),
        wrapped_anew: BTreeSet::new(),
        names_left_out: BTreeMap::new(),
    })
}

/// True if this clone knows of a signed list of holders of the key.
fn has_statements(repository: &Repository, name: &KeyName) -> Result<bool, MembershipError> {
    if Memory::load(repository, name)?.is_some_and(|memory| memory.holders_seen) {
        return Ok(true);
    }
    let folders = StatementFolders::of(repository, name)?;
    let holders = folders.read_holders(repository, Reading::Index)?;
    Ok(!holders.good.is_empty())
}
