//! Differences between the list of holders and the wrapped keys. Anybody who can push can change both, but can't sign.

use std::collections::{BTreeMap, BTreeSet};

use super::known_holders::{KnownHolders, MembershipError};
use crate::format::{KeyFile, KeyName};
use crate::keyring::people::{Collaborator, Collaborators, Holder};
use crate::repository::{Repository, RepositoryError};

/// The attested holders of each key in the key store that has a list of holders.
#[derive(Default)]
pub(crate) struct Attestations {
    attested: BTreeMap<KeyName, BTreeSet<Holder>>,
    /// The people whom each key has ever attested and not removed since, with the text that messages show for them.
    never_removed: BTreeMap<KeyName, BTreeMap<Holder, String>>,
    /// The keys that can't be read, with the reason. Their holders are not known.
    pub unread: Vec<(KeyName, RepositoryError)>,
}

/// How the list of holders and the wrapped keys differ: for each key, the texts that messages show for the people concerned.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    /// People for whom a key is wrapped, but who are not attested: they were added by git-crypt, or by somebody who can
    /// push and has no key.
    pub unattested: Vec<(KeyName, Vec<String>)>,
    /// People who were attested and never removed, but for whom no key is wrapped.
    pub not_wrapped: Vec<(KeyName, Vec<String>)>,
}

impl Attestations {
    /// Reads the attested holders of all keys in the key store. Nothing is known about the holders of other keys.
    /// Repositories older than this feature have no lists.
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
            let people = known.never_removed().into_iter();
            let named = people.map(|one| (one.holder.clone(), one.to_string()));
            let named: BTreeMap<Holder, String> = named.collect();
            if !named.is_empty() {
                let name = key.name().clone();
                attestations.never_removed.insert(name, named);
            }
        }
        Ok(attestations)
    }

    /// True if `key` has a list of holders and `holder` is not on it.
    pub(crate) fn is_unattested(&self, key: &KeyName, holder: &Holder) -> bool {
        let attested = self.attested.get(key);
        attested.is_some_and(|attested| !attested.contains(holder))
    }

    /// Compares the list of holders with the wrapped keys.
    pub(crate) fn differences(
        &self,
        repository: &Repository,
    ) -> Result<Differences, MembershipError> {
        let mut unattested: BTreeMap<KeyName, BTreeMap<Holder, String>> = BTreeMap::new();
        let mut wrapped_for: BTreeMap<KeyName, BTreeSet<Holder>> = BTreeMap::new();
        for wrapped in Collaborators::of(repository)?.wrapped_keys(repository)? {
            if self.is_unattested(&wrapped.key, &wrapped.holder) {
                let shown = Collaborator::of_wrapped(repository, &wrapped)?.to_string();
                let theirs = unattested.entry(wrapped.key.clone()).or_default();
                theirs.insert(wrapped.holder.clone(), shown);
            }
            let theirs = wrapped_for.entry(wrapped.key).or_default();
            theirs.insert(wrapped.holder);
        }
        let mut differences = Differences::default();
        for (key, people) in &self.never_removed {
            let have = wrapped_for.remove(key).unwrap_or_default();
            let lacking = people.iter().filter(|(holder, _)| !have.contains(holder));
            let lacking: Vec<String> = lacking.map(|(_, shown)| shown.clone()).collect();
            if !lacking.is_empty() {
                differences.not_wrapped.push((key.clone(), lacking));
            }
        }
        let unattested = unattested.into_iter();
        differences.unattested = unattested
            .map(|(key, holders)| (key, holders.into_values().collect()))
            .collect();
        Ok(differences)
    }
}
