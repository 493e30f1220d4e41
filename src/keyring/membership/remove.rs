//! Taking keys from somebody: a tombstone says so from then on. What they have learned before stays known to them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::known_holders::{KnownHolders, MembershipError};
use super::staged_change::{StagedChange, message};
use crate::format::KeyName;
use crate::keyring::people::{Collaborator, Collaborators, WrappedKey, removable_keys};
use crate::keyring::trust::StatementFolders;
use crate::repository::{PathBytes, Repository};

/// What removing somebody has staged.
pub(crate) struct Removal {
    /// The change that is to be committed.
    pub change: StagedChange,
    /// The keys that are not here, so that nothing is signed about the removal.
    pub unsigned: BTreeSet<KeyName>,
}

/// Removes what is wrapped for `collaborator`, of `key` or of all keys, and stages that with a signed tombstone for each key.
pub(crate) fn remove_collaborator(
    repository: &Repository,
    key: Option<&KeyName>,
    collaborator: &Collaborator,
    now: Timestamp,
) -> Result<Removal, MembershipError> {
    let _alone = repository.keys().lock()?;
    let mut theirs = removable_keys(repository)?;
    theirs.retain(|wrapped| {
        wrapped.holder == collaborator.holder && key.is_none_or(|key| wrapped.key == *key)
    });
    let names: BTreeSet<KeyName> = theirs.iter().map(|wrapped| wrapped.key.clone()).collect();
    let here = repository.keys().names()?;
    let (mut tombstones, mut unsigned) = (Vec::new(), BTreeSet::new());
    for name in names {
        if !here.contains(&name) {
            unsigned.insert(name);
            continue;
        }
        let key = repository.keys().load(&name)?;
        let mut known = KnownHolders::of(repository, &key)?;
        let Some(text) = known.text_of(collaborator) else {
            continue;
        };
        let tombstone = known.sign(&key, true, text.clone(), collaborator.name(), now)?;
        let folders = StatementFolders::of(repository, &name)?;
        let content = tombstone.to_text().into_bytes();
        tombstones.push((folders.path_of_holder(&tombstone), content));
        // Remembered first: from now on nobody can put back what was there.
        known.memory.accepted.remove(&text);
        known.memory.removed.insert(text, tombstone.since);
        known.memory.holders_seen = true;
        known.remember(repository)?;
    }
    let mut paths: Vec<PathBytes> = theirs.iter().flat_map(WrappedKey::paths).collect();
    if !tombstones.is_empty() {
        paths.extend(Collaborators::of(repository)?.stage(repository, tombstones)?);
    }
    repository.shared_files().remove(
        &theirs
            .iter()
            .flat_map(WrappedKey::paths)
            .collect::<Vec<_>>(),
    )?;
    Ok(Removal {
        change: StagedChange {
            paths,
            message: message("Remove", key, &[collaborator.to_string()]),
        },
        unsigned,
    })
}
