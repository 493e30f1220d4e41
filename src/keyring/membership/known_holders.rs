//! The holders of one key as they are known here: by statements that the key has signed, and by this clone's memory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use thiserror::Error;

use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::people::{Collaborator, CollaboratorError, Holder, Recipient};
use crate::keyring::trust::{
    HolderStatement, HolderText, Memory, MemoryError, Reading, Since, StatementFolders, attested,
    latest_removals,
};
use crate::repository::{Repository, RepositoryError};

/// Why people could not be added, removed or looked at.
#[derive(Debug, Error)]
pub(crate) enum MembershipError {
    /// A key could not be given to them, or taken from them.
    #[error(transparent)]
    Collaborator(#[from] CollaboratorError),
    /// The memory of this clone could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// Files were written, and what comes after them failed.
    #[error(transparent)]
    Unfinished(Box<MembershipError>),
    /// The key in the key store is another one than this clone knows.
    #[error(
        "the key `{name}` here is {stored}, and this clone knows {known}: another program has changed it"
    )]
    UnknownKey {
        /// The name of both.
        name: KeyName,
        /// The one in the key store.
        stored: KeyId,
        /// The one that this clone knows.
        known: KeyId,
    },
    /// A removal can't be signed.
    #[error("the key `{name}` is not here, and a removal has to be signed with it")]
    Unsigned { name: KeyName },
    /// A statement about somebody holds from the last moment that can be written down.
    #[error("nothing can be later than what was signed about {holder}")]
    NoLaterMoment {
        /// Whom it is about.
        holder: HolderText,
    },
}

/// The holders of a key, as they are known here.
pub(crate) struct KnownHolders {
    /// The memory of this clone.
    pub memory: Memory,
    name: KeyName,
    pub(super) id: KeyId,
    /// The statements in the index.
    present: Vec<HolderStatement>,
    /// The statements that the history has.
    ever: Vec<HolderStatement>,
}

impl KnownHolders {
    /// Reads what is known of the holders of `key`. A clone without a memory adopts the key.
    pub(crate) fn of(repository: &Repository, key: &KeyFile) -> Result<Self, MembershipError> {
        Self::with_memory(repository, key, Memory::of_stored(repository, key)?)
    }

    /// Reads what is known of the holders of `key`, of which this clone has this memory.
    pub(super) fn with_memory(
        repository: &Repository,
        key: &KeyFile,
        memory: Memory,
    ) -> Result<Self, MembershipError> {
        Self::read(repository, key.name(), KeyId::of(key), memory)
    }

    /// Reads what is known of the holders of the key that this clone remembers, which need not be here.
    pub(super) fn of_memory(
        repository: &Repository,
        name: &KeyName,
        memory: Memory,
    ) -> Result<Self, MembershipError> {
        Self::read(repository, name, memory.key_id, memory)
    }

    fn read(
        repository: &Repository,
        name: &KeyName,
        id: KeyId,
        memory: Memory,
    ) -> Result<Self, MembershipError> {
        let folders = StatementFolders::of(repository, name)?;
        let head: Vec<_> = repository.objects().head_commit()?.into_iter().collect();
        let present = folders.read_holders(repository, Reading::Index)?;
        let ever = folders.read_holders(repository, Reading::Ever(&head))?;
        Ok(Self {
            memory,
            name: name.clone(),
            id,
            present: present.statements(),
            ever: ever.statements(),
        })
    }

    /// Refuses a key that another program has put in the place of the one that this clone knows: who is given it, or what comes
    /// after it, would be given what anybody may have.
    pub(crate) fn require_known_key(&self) -> Result<(), MembershipError> {
        if self.memory.key_id == self.id {
            return Ok(());
        }
        Err(MembershipError::UnknownKey {
            name: self.name.clone(),
            stored: self.id,
            known: self.memory.key_id,
        })
    }

    /// The holders that the key attests.
    pub(crate) fn attested(&self) -> BTreeSet<Holder> {
        let counting = attested(self.id, &self.present, &self.ever, &self.memory.removed);
        let holders = counting.iter().map(|statement| statement.holder.holder());
        holders.collect()
    }

    /// The people whom the key attests or has once attested, and whose removal it has not signed since. Whoever can push can
    /// take statements away, and not out of the history.
    pub(crate) fn never_removed(&self) -> Vec<Collaborator> {
        let all = self.present.iter().chain(&self.ever);
        let all: Vec<HolderStatement> = all.cloned().collect();
        let counting = attested(self.id, &all, &self.ever, &self.memory.removed);
        let people = counting.into_iter().map(|statement| {
            let (holder, name) = (statement.holder.holder(), statement.name.as_deref());
            let one =
                Collaborator::of_attested(&self.name, holder, statement.holder.as_str(), name);
            (one.holder.clone(), one)
        });
        // The statements of today are the first of each holder.
        let people: BTreeMap<Holder, Collaborator> = people.rev().collect();
        people.into_values().collect()
    }

    /// The statement with which the key attests somebody.
    pub(crate) fn attestation(&self, holder: &HolderText) -> Option<&HolderStatement> {
        let counting = attested(self.id, &self.present, &self.ever, &self.memory.removed);
        counting.into_iter().find(|one| one.holder == *holder)
    }

    /// Lets each of `people` whom the key `id` attests go by the public key and the name that it attests.
    pub(crate) fn attest_names(&self, id: KeyId, people: &mut [Collaborator]) {
        for statement in attested(id, &self.present, &self.ever, &self.memory.removed) {
            let holder = statement.holder.holder();
            for one in people.iter_mut().filter(|one| one.holder == holder) {
                one.attested_as(statement.holder.as_str(), statement.name.as_deref());
            }
        }
    }

    /// When each of those who were ever removed was last removed.
    pub(crate) fn removals(&self) -> BTreeMap<HolderText, Since> {
        let statements = self.ever.iter().chain(&self.present);
        latest_removals(self.id, statements, &self.memory.removed)
    }

    /// True if there is a list of holders that a key which this clone knows has signed, whoever is on it.
    pub(crate) fn has_list(&self) -> bool {
        let is_known = |id: KeyId| id == self.id || self.memory.knows(id);
        let mut present = self.present.iter();
        present.any(|statement| is_known(statement.key_id))
    }

    /// The public key that statements name for a holder whose own file does not.
    pub(crate) fn text_of(&self, collaborator: &Collaborator) -> Option<HolderText> {
        let mut statements = self.present.iter().chain(&self.ever);
        holder_text(collaborator).or_else(|| {
            let theirs =
                |statement: &&HolderStatement| statement.holder.holder() == collaborator.holder;
            statements.find(theirs).map(|found| found.holder.clone())
        })
    }

    /// Signs with `key` that somebody is to have it, or, as a removal, no longer: later than all that this key has said about
    /// them. Anybody can sign for the end of time with a key of their own.
    pub(crate) fn sign(
        &self,
        key: &KeyFile,
        is_removal: bool,
        holder: HolderText,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<HolderStatement, MembershipError> {
        let statements = self.present.iter().chain(&self.ever);
        let id = KeyId::of(key);
        let about = statements.filter(|one| one.holder == holder && one.key_id == id);
        let moments = about.map(|statement| statement.since);
        let before = moments
            .chain(self.memory.removed.get(&holder).copied())
            .max();
        match Since::after(before, now) {
            Some(since) => Ok(HolderStatement::sign(is_removal, key, holder, name, since)),
            None => Err(MembershipError::NoLaterMoment { holder }),
        }
    }

    /// Writes the memory down.
    pub(crate) fn remember(&self, repository: &Repository) -> Result<(), MembershipError> {
        Ok(self.memory.store(repository, &self.name)?)
    }
}

/// How statements name a collaborator, if the public key is known.
pub(crate) fn holder_text(collaborator: &Collaborator) -> Option<HolderText> {
    match (&collaborator.holder, &collaborator.recipient) {
        (Holder::Gpg(fingerprint), _) => Some(HolderText::of_gpg(fingerprint)),
        (Holder::Age(_), Some(Recipient::Age(recipient))) => HolderText::of_age(recipient.text()),
        (Holder::Age(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::people::Fingerprint;
    use crate::keyring::trust::examples::key;

    #[test]
    fn only_what_the_same_key_has_signed_has_to_be_earlier() {
        let fingerprint = Fingerprint::parse(&"AB".repeat(20)).expect("40 digits");
        let holder = HolderText::of_gpg(&fingerprint);
        let (ours, foreign) = (key("default", 1), key("default", 2));
        let end = Since::parse("9999-12-30T22:00:00Z").expect("a moment");
        let signed_by = |key: &KeyFile| HolderStatement::sign(true, key, holder.clone(), None, end);
        let known = |key: &KeyFile| KnownHolders {
            id: KeyId::of(&ours),
            name: KeyName::default(),
            memory: Memory::of_key(KeyId::of(&ours)),
            present: vec![signed_by(key)],
            ever: Vec::new(),
        };
        let sign = |known: &KnownHolders| {
            known.sign(&ours, false, holder.clone(), None, Timestamp::UNIX_EPOCH)
        };
        assert!(sign(&known(&foreign)).is_ok());
        assert!(matches!(
            sign(&known(&ours)),
            Err(MembershipError::NoLaterMoment { .. })
        ));
    }
}
