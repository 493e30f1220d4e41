//! A key that was decided for, with what the clone remembers of it.

use super::facts::KeyOrigin;
use crate::format::{KeyFile, KeyId};
use crate::keyring::trust::{
    HolderStatement, Memory, MemoryError, Reading, StatementFolders, latest_removals,
};
use crate::repository::{Incoming, IndexEntry, Repository, RepositoryError};

/// A key that was decided for, with all that is needed to use it.
pub(super) struct KeyInHand {
    pub key: KeyFile,
    pub id: KeyId,
    pub origin: KeyOrigin,
    pub follows: Vec<KeyId>,
    pub proof: Option<Incoming>,
    /// True if it is the one in the key store.
    pub is_stored: bool,
    /// The one in the key store that it takes the place of.
    pub replaced: Option<KeyFile>,
    /// True if it takes the place of one in the key store that opens what is here.
    pub is_ahead: bool,
    pub opened: Vec<IndexEntry>,
    pub filter_worked: bool,
    pub memory: Option<Memory>,
    /// Why the memory that was there can't be used.
    pub unusable: Option<MemoryError>,
    pub former: Vec<KeyFile>,
}

impl KeyInHand {
    /// This key, with those that it was before as far as they are known.
    pub(super) fn all(&self) -> Vec<&KeyFile> {
        std::iter::once(&self.key).chain(&self.former).collect()
    }

    /// The memory that the clone is to have from now on.
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
