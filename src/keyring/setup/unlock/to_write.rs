//! The files that `unlock` must write in a work tree, and those that prevent it.

use std::collections::HashSet;

use super::chosen_key::ChosenKey;
use super::error::UnlockError;
use crate::keyring::files::{ModifiedFiles, part_modified};
use crate::repository::{IndexEntry, PathBytes, Repository, RepositoryError};

/// The files to be written in one work tree.
pub(super) struct ToWrite<'repository> {
    pub place: &'repository Repository,
    /// Files that Git must check out.
    pub check_out: Vec<IndexEntry>,
    /// Files with ciphertext that the index does not have. They are decrypted in place, with the chosen key of this index.
    pub open: Vec<(PathBytes, usize)>,
}

impl<'repository> ToWrite<'repository> {
    pub(super) fn nothing(place: &'repository Repository) -> Self {
        Self {
            place,
            check_out: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Adds those files of `opened` that must be written. `number` is the index of `key` among the chosen keys.
    ///
    /// Modified plaintext, and ciphertext that `key` does not open, are errors, since they would be overwritten. If the
    /// key was already in use here, such files are somebody's work and are left alone.
    pub(super) fn add(
        &mut self,
        in_hand: &Repository,
        (number, key): (usize, &ChosenKey),
        opened: Vec<IndexEntry>,
        begun: &HashSet<PathBytes>,
    ) -> Result<(), UnlockError> {
        let work_tree = self.place.work_tree();
        if work_tree.top().is_none() {
            return Ok(());
        }
        let is_taken_away = |entry: &&IndexEntry| {
            let is_ours = !key.filter_worked || begun.contains(&entry.path);
            is_ours && !entry.skip_worktree && !work_tree.is_regular_file(&entry.path)
        };
        self.check_out
            .extend(opened.iter().filter(is_taken_away).cloned());
        let (unmodified, modified) = part_modified(self.place, opened, Some(&key.key))?;
        let (mut plain, mut closed) = (Vec::new(), Vec::new());
        for entry in modified {
            if begun.contains(&entry.path) && work_tree.is_cut_off(&entry, &key.key)? {
                self.check_out.push(entry);
            } else if work_tree.can_open_in_place(&entry.path, &key.all())? {
                self.open.push((entry.path, number));
            } else if work_tree.holds_ciphertext(&entry.path)? {
                closed.push(entry);
            } else {
                plain.push(entry);
            }
        }
        if !key.is_stored {
            let named = |files| ModifiedFiles::new(self.place, in_hand, files);
            if !plain.is_empty() {
                return Err(UnlockError::Modified(named(plain)));
            }
            if !closed.is_empty() {
                return Err(UnlockError::OtherCiphertext(named(closed)));
            }
        }
        for entry in unmodified {
            // A decrypted file stays as it is, unless a killed git has not noted its new size in the index.
            if !key.is_stored
                || work_tree.holds_ciphertext(&entry.path)?
                || work_tree.has_another_size(&entry)?
            {
                self.check_out.push(entry);
            }
        }
        Ok(())
    }

    /// Adds untracked files with ciphertext that one of `keys` opens.
    pub(super) fn add_untracked(
        &mut self,
        keys: &[(usize, &ChosenKey)],
    ) -> Result<(), RepositoryError> {
        let work_tree = self.place.work_tree();
        if work_tree.top().is_none() {
            return Ok(());
        }
        let mut encrypted = Vec::new();
        for path in work_tree.untracked()? {
            if work_tree.holds_ciphertext(&path)? {
                encrypted.push(path);
            }
        }
        if encrypted.is_empty() {
            return Ok(());
        }
        let asked = self.place.attributes().encryptions(&encrypted)?;
        for (path, encryption) in encrypted.into_iter().zip(asked) {
            let its_key = encryption.map(|encryption| encryption.key);
            for (number, key) in keys {
                if its_key.as_ref() == Some(key.key.name())
                    && work_tree.can_open_in_place(&path, &key.all())?
                {
                    self.open.push((path.clone(), *number));
                }
            }
        }
        Ok(())
    }
}
