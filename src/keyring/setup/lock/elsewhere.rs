//! Whether a key exists elsewhere than in the key store.

use std::collections::BTreeMap;

use super::decide::FormerKey;
use super::error::LockError;
use super::held_key::HeldKey;
use crate::format::KeyId;
use crate::keyring::people::{Decryptors, Fingerprint, Gpg, Holder, WrappedKey, unwrap_keys};
use crate::keyring::trust::{Memory, Reading, StatementFolders, attested, open_all_former};
use crate::repository::{Repository, RepositoryError};

/// True if the key is wrapped for somebody who can be expected to open it.
///
/// Anybody who can push can write a file that looks like a wrapped key. Therefore only people count whom the key
/// attests or the user has accepted. A repository in which only git-crypt was used has no list of them; there, the key
/// counts as wrapped if one of the user's own GPG keys opens it. If the key is not the one that this clone remembers,
/// the memory is ignored.
pub(super) fn is_wrapped(
    repository: &Repository,
    held: &HeldKey,
    wrapped: &[WrappedKey],
) -> Result<bool, LockError> {
    let key = &held.key;
    let unknown = Memory::of_key(KeyId::of(key));
    let is_known = held.memory.key_id == unknown.key_id;
    let memory = if is_known { &held.memory } else { &unknown };
    let mut wrapped = wrapped.to_vec();
    wrapped.retain(|wrapped| wrapped.key == *key.name());
    if wrapped.is_empty() {
        return Ok(false);
    }
    let folders = StatementFolders::of(repository, key.name())?;
    let present = folders
        .read_holders(repository, Reading::Index)?
        .statements();
    let mut trusted: Vec<Holder> = attested(KeyId::of(key), &present, &[], &memory.removed)
        .iter()
        .map(|statement| statement.holder.holder())
        .collect();
    trusted.extend(memory.accepted.iter().map(|holder| holder.holder()));
    if wrapped.iter().any(|one| trusted.contains(&one.holder)) {
        return Ok(true);
    }
    if is_known && (!present.is_empty() || memory.holders_seen) {
        return Ok(false);
    }
    opens_by_gpg(repository, held, wrapped)
}

/// True if one of the user's own GPG keys opens the key in a file of `wrapped`. GPG's agent may ask for a passphrase.
fn opens_by_gpg(
    repository: &Repository,
    held: &HeldKey,
    mut wrapped: Vec<WrappedKey>,
) -> Result<bool, LockError> {
    if !wrapped.iter().any(WrappedKey::is_for_gpg) {
        return Ok(false);
    }
    let gpg = Gpg::of(repository)?;
    // If GPG does not work, it opens nothing.
    let own: Vec<Fingerprint> = gpg.secret_keys().unwrap_or_default();
    let newest = held.key.newest().version();
    wrapped.retain(|one| {
        let is_own = matches!(&one.holder, Holder::Gpg(fingerprint) if own.contains(fingerprint));
        is_own && one.version == newest
    });
    let decryptors = Decryptors {
        gpg: Some(&gpg),
        identities: &[],
    };
    let is_the_key = |one: WrappedKey| {
        let opened = unwrap_keys(repository, vec![one], &decryptors);
        let opened = opened.map(|opened| opened.keys).unwrap_or_default();
        opened
            .iter()
            .any(|opened| KeyId::of(opened) == KeyId::of(&held.key))
    };
    Ok(wrapped.into_iter().any(is_the_key))
}

/// The retired keys. A retired key exists elsewhere if this clone knows of an export, if the repository has it sealed
/// with the key in use, or if history has a statement in which it attests somebody.
pub(super) fn former_keys(
    repository: &Repository,
    held: &HeldKey,
) -> Result<Vec<FormerKey>, RepositoryError> {
    let name = held.key.name();
    let mut retired = repository.keys().retired_places(name)?;
    retired.retain(|(_, former)| KeyId::of(former) != KeyId::of(&held.key));
    if retired.is_empty() {
        return Ok(Vec::new());
    }
    let folders = StatementFolders::of(repository, name)?;
    let sealed = open_all_former(&held.key, &folders.read_history(repository)?);
    let sealed: Vec<KeyId> = sealed.iter().map(KeyId::of).collect();
    let head: Vec<_> = repository.objects().head_commit()?.into_iter().collect();
    let ever = folders
        .read_holders(repository, Reading::Ever(&head))?
        .statements();
    let former = retired.into_iter().map(|(path, former)| {
        let id = KeyId::of(&former);
        let is_elsewhere = held.memory.former_elsewhere.contains(&id)
            || sealed.contains(&id)
            || !attested(id, &ever, &ever, &BTreeMap::new()).is_empty();
        FormerKey {
            id,
            path,
            is_elsewhere,
        }
    });
    Ok(former.collect())
}
