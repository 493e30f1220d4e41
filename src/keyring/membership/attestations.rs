//! Who has a key without being attested: added by git-crypt, or by somebody who can push and has no key.

use std::collections::{BTreeMap, BTreeSet};

use super::known_holders::{KnownHolders, MembershipError};
use crate::format::{KeyFile, KeyName};
use crate::keyring::people::{Collaborators, Holder, Recipient, recipient_beside};
use crate::repository::{Repository, RepositoryError};

/// The attested holders of the keys that are here and have a list of holders.
#[derive(Default)]
pub(crate) struct Attestations {
    attested: BTreeMap<KeyName, BTreeSet<Holder>>,
    /// The keys that can't be read, so that nothing is known of their holders, and why.
    pub unread: Vec<(KeyName, RepositoryError)>,
}

impl Attestations {
    /// Reads them. Without a key nothing is said about its holders. Repositories from before there were lists have none.
    pub(crate) fn of(repository: &Repository) -> Result<Self, MembershipError> {
        let (mut keys, mut unread) = (Vec::new(), Vec::new());
        for name in repository.keys().names()? {
            match repository.keys().load(&name) {
                Ok(key) => keys.push(key),
                Err(error) => unread.push((name, error)),
            }
        }
        Ok(Self {
            unread,
            ..Self::of_keys(repository, &keys)?
        })
    }

    /// Reads the attested holders of these keys.
    pub(crate) fn of_keys(
        repository: &Repository,
        keys: &[KeyFile],
    ) -> Result<Self, MembershipError> {
        let mut attestations = Self::default();
        for key in keys {
            let known = KnownHolders::of(repository, key)?;
            if known.has_list() || known.memory.holders_seen {
                let name = key.name().clone();
                attestations.attested.insert(name, known.attested());
            }
        }
        Ok(attestations)
    }

    /// True if `key` has a list of holders that this one is not on.
    pub(crate) fn lack(&self, key: &KeyName, holder: &Holder) -> bool {
        let attested = self.attested.get(key);
        attested.is_some_and(|attested| !attested.contains(holder))
    }
}

/// The keys with people who have them without being attested, and how these are named.
pub(crate) fn unattested(
    repository: &Repository,
    attestations: &Attestations,
) -> Result<Vec<(KeyName, Vec<String>)>, MembershipError> {
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
