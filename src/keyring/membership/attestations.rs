//! Who has a key without being attested: added by git-crypt, or by somebody who can push and has no key.

use std::collections::{BTreeMap, BTreeSet};

use super::known_holders::{KnownHolders, MembershipError};
use crate::format::KeyName;
use crate::keyring::people::{Collaborators, Holder, Recipient, recipient_beside};
use crate::repository::Repository;

/// The attested holders of the keys that are here and have a list of holders.
pub(crate) struct Attestations(BTreeMap<KeyName, BTreeSet<Holder>>);

impl Attestations {
    /// Reads them. Without a key nothing is said about its holders, nor where it has no list, as before there were lists.
    pub(crate) fn of(repository: &Repository) -> Result<Self, MembershipError> {
        let mut attested = BTreeMap::new();
        for name in repository.keys().names()? {
            // Whoever needs a key that can't be read will say what is wrong with it.
            let Ok(key) = repository.keys().load(&name) else {
                continue;
            };
            let known = KnownHolders::of(repository, &key)?;
            if known.has_list() || known.memory.holders_seen {
                attested.insert(name, known.attested());
            }
        }
        Ok(Self(attested))
    }

    /// True if `key` has a list of holders that this one is not on.
    pub(crate) fn lack(&self, key: &KeyName, holder: &Holder) -> bool {
        let attested = self.0.get(key);
        attested.is_some_and(|attested| !attested.contains(holder))
    }
}

/// The keys with people who have them without being attested, and how these are named.
pub(crate) fn unattested(
    repository: &Repository,
) -> Result<Vec<(KeyName, Vec<String>)>, MembershipError> {
    let attestations = Attestations::of(repository)?;
    let mut lacking: BTreeMap<KeyName, BTreeMap<Holder, String>> = BTreeMap::new();
    for wrapped in Collaborators::of(repository)?.wrapped_keys(repository)? {
        if attestations.lack(&wrapped.key, &wrapped.holder) {
            let recipient = recipient_beside(repository, &wrapped)?;
            let shown = recipient.as_ref().map(Recipient::to_string);
            let shown = shown.unwrap_or_else(|| wrapped.holder.id().to_owned());
            let theirs = lacking.entry(wrapped.key).or_default();
            theirs.insert(wrapped.holder, shown);
        }
    }
    let names = lacking.into_iter();
    Ok(names
        .map(|(key, holders)| (key, holders.into_values().collect()))
        .collect())
}
