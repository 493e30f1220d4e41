//! The facts that a rotation depends on, read once before the decision.

use std::collections::BTreeSet;

use super::error::RotationError;
use super::origins::Origins;
use super::progress::underway;
use crate::format::{KeyFile, KeyId};
use crate::keyring::membership::KnownHolders;
use crate::keyring::people::{
    Collaborator, CollaboratorError, Collaborators, Gpg, Holder, collaborators,
};
use crate::keyring::trust::{HolderText, Since};
use crate::repository::{CommitOrigin, IndexEntry, Repository};

/// The facts before a rotation begins or continues.
#[derive(Debug)]
pub(crate) struct RotationFacts {
    /// True if an earlier rotation is not finished.
    pub underway: bool,
    /// True if something is staged.
    pub anything_staged: bool,
    /// Everybody for whom the key is wrapped.
    pub holders: Vec<HolderFacts>,
    /// The holders whom this clone has accepted, but for whom the key is not wrapped any more.
    pub gone: Vec<HolderText>,
    /// The names, for messages, of holders whom the key has attested and nobody has removed, but for whom it is not
    /// wrapped any more.
    pub not_wrapped: Vec<String>,
    /// True if history ends early (a shallow clone): removals before that are not known.
    pub history_is_cut: bool,
    /// True if this clone has seen a list of holders.
    pub list_was_seen: bool,
    /// True if the index has a list of holders.
    pub list_is_there: bool,
}

impl RotationFacts {
    /// The facts about those of `holders` for whom the key is wrapped.
    pub(super) fn among(&self, holders: &[Holder]) -> impl Iterator<Item = &HolderFacts> {
        let holders: BTreeSet<&Holder> = holders.iter().collect();
        let all = self.holders.iter();
        all.filter(move |facts| holders.contains(&facts.holder))
    }
}

/// The facts about one holder.
#[derive(Debug, Clone)]
pub(crate) struct HolderFacts {
    /// The holder, from the names of their files.
    pub holder: Holder,
    /// Their public key as in signed statements; `None` if this clone does not know it.
    pub text: Option<HolderText>,
    /// Their name in messages.
    pub shown: String,
    /// True if their public key is known, so that a key can be wrapped for them.
    pub can_be_wrapped_for: bool,
    /// True if this clone has accepted them.
    pub accepted: bool,
    /// True if the key attests them.
    pub attested: bool,
    /// The moment of their last removal.
    pub removed: Option<Since>,
    /// The commit that added the key wrapped for them. `None` if it is not committed, or if this clone has accepted them.
    pub origin: Option<CommitOrigin>,
}

/// The facts and the people of a rotation.
pub(crate) struct RotationScene {
    pub(crate) facts: RotationFacts,
    /// The people whom `facts.holders` is about, in the same order.
    pub(crate) everybody: Vec<Collaborator>,
    pub(crate) known: KnownHolders,
}

impl RotationScene {
    /// Reads everything. `key` is the key in the key store.
    pub(crate) fn of(
        repository: &Repository,
        key: &KeyFile,
        gpg: &Gpg,
    ) -> Result<Self, RotationError> {
        let name = key.name();
        let (mut everybody, trouble) = collaborators(repository, gpg, |_| true)?;
        everybody.retain(|collaborator| collaborator.keys.contains(name));
        let directory = Collaborators::of(repository)?;
        let wrapped = directory.wrapped_keys(repository)?;
        directory
            .require_unfiltered(repository, wrapped.iter().map(|wrapped| &wrapped.file.path))?;
        let is_unknown = |one: &Collaborator| one.holder.is_by_gpg() && one.recipient.is_none();
        if let Some(trouble) = trouble.filter(|_| everybody.iter().any(is_unknown)) {
            return Err(CollaboratorError::from(trouble).into());
        }
        require_no_conflict(repository)?;
        let known = KnownHolders::of(repository, key)?;
        let rotation = underway(repository, name)?;
        // During a rotation, statements may still be signed with the key before.
        let before = rotation.iter().map(|rotation| KeyId::of(&rotation.old));
        for id in std::iter::once(KeyId::of(key)).chain(before) {
            known.attest_names(id, &mut everybody);
        }
        let (attested, removals) = (known.attested(), known.removals());
        let mut origins = Origins::default();
        let mut holders = Vec::new();
        for collaborator in &everybody {
            let text = known.text_of(collaborator);
            let in_memory = |text: &HolderText| known.memory.accepted.contains(text);
            let accepted = text.as_ref().is_some_and(in_memory);
            let origin = if accepted {
                None
            } else {
                origins.of(repository, name, &collaborator.holder)?
            };
            holders.push(HolderFacts {
                holder: collaborator.holder.clone(),
                shown: collaborator.quoted(),
                can_be_wrapped_for: collaborator.recipient.is_some(),
                accepted,
                attested: attested.contains(&collaborator.holder),
                removed: text.as_ref().and_then(|text| removals.get(text).copied()),
                text,
                origin,
            });
        }
        let here: BTreeSet<&Holder> = holders.iter().map(|facts| &facts.holder).collect();
        let not_wrapped = known.never_removed().into_iter();
        let not_wrapped = not_wrapped.filter(|one| !here.contains(&one.holder));
        let not_wrapped = not_wrapped.map(|one| one.to_string()).collect();
        let gone = known.memory.accepted.iter();
        let gone = gone.filter(|text| !here.contains(&text.holder()));
        Ok(Self {
            facts: RotationFacts {
                underway: rotation.is_some(),
                anything_staged: repository.index().has_changes()?,
                gone: gone.cloned().collect(),
                not_wrapped,
                history_is_cut: repository.commits().is_shallow(),
                holders,
                list_was_seen: known.memory.holders_seen,
                list_is_there: known.has_list(),
            },
            everybody,
            known,
        })
    }
}

/// An error if a file with wrapped keys or statements has an unresolved conflict: what a rotation stages would resolve it.
pub(super) fn require_no_conflict(repository: &Repository) -> Result<(), RotationError> {
    let directory = Collaborators::of(repository)?;
    let entries = repository.index().entries()?.into_iter();
    let mut conflicted = entries.filter(|entry| entry.conflicted && directory.has(&entry.path));
    match conflicted.next() {
        Some(IndexEntry { path, .. }) => Err(RotationError::Conflict { path }),
        None => Ok(()),
    }
}
