//! Names of collaborators, as holders of their keys have attested them.

use super::known_holders::{KnownHolders, MembershipError};
use crate::format::KeyName;
use crate::keyring::people::{Collaborator, Holder};
use crate::keyring::trust::Memory;
use crate::repository::Repository;

/// Gives each of `people` the public key and the name that a key attests, if the key is in the key store or remembered
/// by this clone. Others keep the name from beside their wrapped key, which anybody who can push may have written.
pub(crate) fn attest_names(
    repository: &Repository,
    people: &mut [Collaborator],
) -> Result<(), MembershipError> {
    let mut names: Vec<KeyName> = people.iter().flat_map(|one| one.keys.clone()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let Some(known) = known_of(repository, &name)? else {
            continue;
        };
        known.attest_names(known.id, people);
    }
    Ok(())
}

/// Adds people whom a key has attested and nobody has removed, but for whom it is not wrapped. Only those are added for
/// whom `holders` is true.
pub(crate) fn add_not_wrapped(
    repository: &Repository,
    people: &mut Vec<Collaborator>,
    holders: fn(&Holder) -> bool,
) -> Result<(), MembershipError> {
    for name in repository.keys().names()? {
        let Some(known) = known_of(repository, &name)? else {
            continue;
        };
        for attested in known.never_removed() {
            if !holders(&attested.holder) {
                continue;
            }
            match people.iter_mut().find(|one| one.holder == attested.holder) {
                Some(one) => one.keys.extend(attested.keys),
                None => people.push(attested),
            }
        }
    }
    Ok(())
}

/// The holders of a key. `None` if this clone has neither the key nor a memory of it, or if the memory can't be read;
/// this is reported elsewhere.
fn known_of(
    repository: &Repository,
    name: &KeyName,
) -> Result<Option<KnownHolders>, MembershipError> {
    if let Ok(Some(key)) = repository.keys().load_if_there(name)
        && let Ok(memory) = Memory::of_stored(repository, &key)
    {
        return KnownHolders::with_memory(repository, &key, memory).map(Some);
    }
    match Memory::load(repository, name) {
        Ok(Some(memory)) => KnownHolders::of_memory(repository, name, memory).map(Some),
        _ => Ok(None),
    }
}
