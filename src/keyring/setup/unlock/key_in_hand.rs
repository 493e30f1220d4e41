//! A key that was decided for: which files it is to write, and what the clone remembers with it.

use std::collections::HashSet;

use super::error::UnlockError;
use super::facts::KeyOrigin;
use crate::format::{KeyFile, KeyId};
use crate::keyring::files::{ModifiedFiles, part_modified};
use crate::keyring::trust::{HolderStatement, Memory, Reading, StatementFolders, latest_removals};
use crate::repository::{Incoming, IndexEntry, PathBytes, Repository, RepositoryError};

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
    pub former: Vec<KeyFile>,
}

impl KeyInHand {
    /// The files among `opened` that are to be written in the work tree at `place`. They must be unmodified. If the key is here
    /// already, modified files are somebody's work in plaintext, and stay.
    pub(super) fn files_to_write(
        &self,
        in_hand: &Repository,
        place: &Repository,
        opened: Vec<IndexEntry>,
        begun: &HashSet<PathBytes>,
    ) -> Result<Vec<IndexEntry>, UnlockError> {
        if place.work_tree().top().is_none() {
            return Ok(Vec::new());
        }
        let is_taken_away = |entry: &&IndexEntry| {
            let is_ours = !self.filter_worked || begun.contains(&entry.path);
            is_ours && !entry.skip_worktree && !place.work_tree().is_regular_file(&entry.path)
        };
        let mut to_write: Vec<IndexEntry> = opened.iter().filter(is_taken_away).cloned().collect();
        let (unmodified, modified) = part_modified(place, opened, Some(&self.key))?;
        if !modified.is_empty() && !self.is_stored {
            let modified = ModifiedFiles::new(place, in_hand, modified);
            return Err(UnlockError::Modified(modified));
        }
        for entry in unmodified {
            // A file that is decrypted already stays as it is, unless git was killed before it wrote that down in the index.
            let work_tree = place.work_tree();
            if !self.is_stored
                || work_tree.holds_ciphertext(&entry.path)?
                || work_tree.has_another_size(&entry)?
            {
                to_write.push(entry);
            }
        }
        Ok(to_write)
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
