//! A key that was chosen for unlocking, with what this clone remembers of it.

use super::facts::KeyOrigin;
use crate::format::{KeyFile, KeyId};
use crate::keyring::trust::{
    HolderStatement, Memory, MemoryError, Reading, StatementFolders, latest_removals,
};
use crate::repository::{Incoming, IndexEntry, Repository, RepositoryError};

/// A key that was chosen, with everything needed to install it.
pub(super) struct ChosenKey {
    pub key: KeyFile,
    pub id: KeyId,
    pub origin: KeyOrigin,
    pub follows: Vec<KeyId>,
    pub proof: Option<Incoming>,
    /// True if it is the key in the key store.
    pub is_stored: bool,
    /// The key in the key store that it replaces.
    pub replaced: Option<KeyFile>,
    /// True if it replaces a key that opens the files here. Its own files are not pulled yet.
    pub is_ahead: bool,
    pub opened: Vec<IndexEntry>,
    pub filter_worked: bool,
    pub memory: Option<Memory>,
    /// Why the stored memory can't be used.
    pub unusable: Option<MemoryError>,
    pub former: Vec<KeyFile>,
}

impl ChosenKey {
    /// The key and all its known predecessors.
    pub(super) fn all(&self) -> Vec<&KeyFile> {
        std::iter::once(&self.key).chain(&self.former).collect()
    }

    /// The memory that the clone will have from now on.
    pub(super) fn memory(&self, repository: &Repository) -> Result<Memory, RepositoryError> {
        let memory = self.memory.clone();
        let mut memory = memory.unwrap_or_else(|| Memory::of_key(self.id));
        let former = self.key.newest_first().skip(1).map(KeyId::of_version);
        let former = former.chain(self.former.iter().map(KeyId::of));
        let between: Vec<KeyId> = former.chain(self.follows.iter().copied()).collect();
        memory.succeed(self.id, between);
        memory.by_hand |= self.origin == KeyOrigin::ByHand;
        let folders = StatementFolders::of(repository, self.key.name())?;
        let holders: Vec<HolderStatement> = folders
            .read_holders(repository, Reading::Index)?
            .statements();
        memory.removed = latest_removals(self.id, holders.iter(), &memory.removed);
        let attests =
            |statement: &HolderStatement| statement.key_id == self.id && !statement.is_removal;
        memory.holders_seen |= holders.iter().any(attests);
        Ok(memory)
    }
}
