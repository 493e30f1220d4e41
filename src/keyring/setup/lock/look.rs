//! The facts before a repository is locked, read once.

use super::decide::{KeyToLock, LockFacts, LockRequest};
use super::elsewhere::{former_keys, is_wrapped};
use super::error::LockError;
use super::held_key::HeldKey;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::files::{ModifiedFiles, encrypted_files_by_key, part_modified};
use crate::keyring::people::Collaborators;
use crate::keyring::rotation::rotate;
use crate::keyring::setup::unfinished;
use crate::keyring::trust::Memory;
use crate::repository::{IndexEntry, PathBytes, Repository};

/// The facts, and everything else that is needed for locking.
pub(super) struct LockScene {
    pub facts: LockFacts,
    /// The names in the request that have a key or a filter here.
    pub names: Vec<KeyName>,
    /// The keys in the key store.
    pub keys: Vec<HeldKey>,
    /// The work trees, each with the files to be written there. `None` is the current work tree, which comes first.
    pub to_write: Vec<(Option<Repository>, Vec<IndexEntry>)>,
    /// Files that stay plaintext, because the work tree has a symbolic link to them.
    pub behind_links: Vec<PathBytes>,
}

/// Examines the keys called `names`, and all work trees.
pub(super) fn look(
    repository: &Repository,
    names: &[KeyName],
    request: LockRequest,
) -> Result<LockScene, LockError> {
    let (to_lock, keys): (Vec<_>, Vec<_>) = keys(repository, names, request)?.into_iter().unzip();
    let mut look = LockScene {
        names: to_lock.iter().map(|key| key.name.clone()).collect(),
        facts: LockFacts {
            names: names.to_vec(),
            keys: to_lock,
            out_of_reach: None,
            modified: None,
        },
        keys: keys.into_iter().flatten().collect(),
        to_write: Vec::new(),
        behind_links: Vec::new(),
    };
    if look.names.is_empty() {
        return Ok(look);
    }
    let others = repository.other_work_trees()?;
    look.facts.out_of_reach = others.out_of_reach.into_iter().next();
    look.at(repository, None)?;
    for place in others.present {
        look.at(repository, Some(place))?;
    }
    Ok(look)
}

impl LockScene {
    /// Examines a linked work tree, or the current one.
    fn at(&mut self, in_hand: &Repository, linked: Option<Repository>) -> Result<(), LockError> {
        let place = linked.as_ref().unwrap_or(in_hand);
        if place.work_tree().top().is_none() {
            return Ok(());
        }
        place.index().require()?;
        let names: Vec<&KeyName> = self.names.iter().collect();
        let behind_links = place.work_tree().plaintext_behind_links(&names)?;
        let begun = unfinished::begun(place)?;
        let mut encrypted = encrypted_files_by_key(place)?;
        let mut files = Vec::new();
        for name in &self.names {
            let encrypted = encrypted.remove(name).unwrap_or_default();
            let is_taken_away = |entry: &&IndexEntry| {
                begun.contains(&entry.path) && !place.work_tree().is_regular_file(&entry.path)
            };
            files.extend(encrypted.iter().filter(is_taken_away).cloned());
            let held = self.keys.iter().find(|held| held.key.name() == name);
            let key = held.map(|held| &held.key);
            let (unmodified, modified) = part_modified(place, encrypted, key)?;
            files.extend(unmodified);
            if self.facts.modified.is_none() && !modified.is_empty() {
                let paths = ModifiedFiles::new(place, in_hand, modified.clone());
                self.facts.modified = Some(paths);
            }
            // They are overwritten only if the decision allows it.
            files.extend(modified);
        }
        self.behind_links.extend(behind_links);
        self.to_write.push((linked, files));
        Ok(())
    }
}

/// The facts about each of `names` that has a key or a filter here, with the key if there is one.
fn keys(
    repository: &Repository,
    names: &[KeyName],
    request: LockRequest,
) -> Result<Vec<(KeyToLock, Option<HeldKey>)>, LockError> {
    let configured = repository.configuration().keys_with_filter()?;
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    let mut keys = Vec::new();
    for name in names {
        let is_here = repository.keys().has(name)?;
        if !is_here && !configured.contains(name) {
            continue;
        }
        // With `force`, a key that can't be read does not prevent locking. If only a retired key can't be read, the key
        // in use is loaded without it.
        let key = match repository.keys().load_if_there(name) {
            Err(_) if request.force => repository.keys().load_in_use(name).unwrap_or_default(),
            loaded => loaded?,
        };
        let held = key.map(|key| remembered(repository, key, request));
        let held = held.transpose()?;
        let memory = held.as_ref().map(|held| &held.memory);
        let is_rotating = !request.force && rotate::underway(repository, name)?.is_some();
        let to_lock = KeyToLock {
            name: name.clone(),
            is_rotating,
            stored: held.as_ref().map(|held| KeyId::of(&held.key)),
            known: memory.map(|memory| memory.key_id),
            stored_is_elsewhere: held
                .as_ref()
                .is_some_and(|held| held.memory.has_elsewhere(KeyId::of(&held.key))),
            is_wrapped: match &held {
                Some(held) => is_wrapped(repository, held, &wrapped)?,
                None => false,
            },
            former: match &held {
                Some(held) => match former_keys(repository, held) {
                    Err(_) if request.force => Vec::new(),
                    former => former?,
                },
                None => Vec::new(),
            },
        };
        keys.push((to_lock, held));
    }
    Ok(keys)
}

/// Adds this clone's memory to the key. With `force`, a memory that can't be used is replaced by a new one for this key.
fn remembered(
    repository: &Repository,
    key: KeyFile,
    request: LockRequest,
) -> Result<HeldKey, LockError> {
    let (memory, unusable) = match Memory::of_stored(repository, &key) {
        Err(error) if request.force => (Memory::adopting(&key), Some(error)),
        memory => (memory?, None),
    };
    Ok(HeldKey {
        key,
        memory,
        unusable,
    })
}
