//! The holders of one key, from statements signed by the key and from this clone's memory.

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

/// Why people could not be added, removed or listed.
#[derive(Debug, Error)]
pub(crate) enum MembershipError {
    /// The key could not be wrapped for them, or the wrapped key not be removed.
    #[error(transparent)]
    Collaborator(#[from] CollaboratorError),
    /// The memory of this clone could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// Files were written, then a later step failed.
    #[error(transparent)]
    Unfinished(Box<MembershipError>),
    /// The key in the key store is not the one that this clone remembers.
    #[error(
        "the key `{name}` here is {stored}, and this clone knows {known}: another program has changed it"
    )]
    UnknownKey {
        name: KeyName,
        /// The id of the key in the key store.
        stored: KeyId,
        /// The id of the key that this clone remembers.
        known: KeyId,
    },
    /// A removal can't be signed, because the key is not in the key store.
    #[error("the key `{name}` is not here, and a removal has to be signed with it")]
    Unsigned { name: KeyName },
    /// The latest statement about this person has the last moment that can be written, so no later one can be signed.
    #[error("nothing can be later than what was signed about {holder}")]
    NoLaterMoment { holder: HolderText },
}

/// The holders of a key, as far as this clone knows.
pub(crate) struct KnownHolders {
    /// This clone's memory of the key.
    pub memory: Memory,
    name: KeyName,
    pub(super) id: KeyId,
    /// The statements in the index.
    present: Vec<HolderStatement>,
    /// The statements in the history of `HEAD`.
    ever: Vec<HolderStatement>,
}

impl KnownHolders {
    /// Reads what is known about the holders of `key`. A clone without a memory starts one with this key.
    pub(crate) fn of(repository: &Repository, key: &KeyFile) -> Result<Self, MembershipError> {
        Self::with_memory(repository, key, Memory::of_stored(repository, key)?)
    }

    /// Reads what is known about the holders of `key`, with the given memory of this clone.
    pub(super) fn with_memory(
        repository: &Repository,
        key: &KeyFile,
        memory: Memory,
    ) -> Result<Self, MembershipError> {
        Self::read(repository, key.name(), KeyId::of(key), memory)
    }

    /// Reads what is known about the holders of the key that this clone remembers. The key need not be in the key store.
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

    /// Refuses a key that another program has put in the place of the one that this clone remembers. Anybody may have
    /// that key, so it must not be given to people, nor be replaced by a rotation.
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

    /// The holders whom the key attests.
    pub(crate) fn attested(&self) -> BTreeSet<Holder> {
        let counting = attested(self.id, &self.present, &self.ever, &self.memory.removed);
        let holders = counting.iter().map(|statement| statement.holder.holder());
        holders.collect()
    }

    /// The people whom the key attests, or has once attested without signing their removal since. Anybody who can push
    /// can delete statements, but not from the history.
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
        // A holder may occur several times; the first statement, from the index, wins.
        let people: BTreeMap<Holder, Collaborator> = people.rev().collect();
        people.into_values().collect()
    }

    /// The statement with which the key attests this holder.
    pub(crate) fn attestation(&self, holder: &HolderText) -> Option<&HolderStatement> {
        let counting = attested(self.id, &self.present, &self.ever, &self.memory.removed);
        counting.into_iter().find(|one| one.holder == *holder)
    }

    /// Gives each of `people` whom the key `id` attests the public key and the name from the statement.
    pub(crate) fn attest_names(&self, id: KeyId, people: &mut [Collaborator]) {
        for statement in attested(id, &self.present, &self.ever, &self.memory.removed) {
            let holder = statement.holder.holder();
            for one in people.iter_mut().filter(|one| one.holder == holder) {
                one.attested_as(statement.holder.as_str(), statement.name.as_deref());
            }
        }
    }

    /// For everybody who was ever removed, the moment of the last removal.
    pub(crate) fn removals(&self) -> BTreeMap<HolderText, Since> {
        let statements = self.ever.iter().chain(&self.present);
        latest_removals(self.id, statements, &self.memory.removed)
    }

    /// True if the index has a statement signed by this key or by another one that this clone knows.
    pub(crate) fn has_list(&self) -> bool {
        let is_known = |id: KeyId| id == self.id || self.memory.knows(id);
        let mut present = self.present.iter();
        present.any(|statement| is_known(statement.key_id))
    }

    /// How statements name a collaborator: from the collaborator's own public key, or else from earlier statements.
    pub(crate) fn text_of(&self, collaborator: &Collaborator) -> Option<HolderText> {
        let mut statements = self.present.iter().chain(&self.ever);
        holder_text(collaborator).or_else(|| {
            let theirs =
                |statement: &&HolderStatement| statement.holder.holder() == collaborator.holder;
            statements.find(theirs).map(|found| found.holder.clone())
        })
    }

    /// Signs with `key` a statement that adds or removes a holder. Its moment is later than that of every statement
    /// about this holder by this key. (Statements by other keys are ignored: anybody can sign for a moment in the far
    /// future.)
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

    /// Writes the memory of this clone.
    pub(crate) fn remember(&self, repository: &Repository) -> Result<(), MembershipError> {
        Ok(self.memory.store(repository, &self.name)?)
    }
}

/// How statements name a collaborator; `None` if the public key is not known.
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
    use crate::format::examples::key;
    use crate::keyring::people::Fingerprint;

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
