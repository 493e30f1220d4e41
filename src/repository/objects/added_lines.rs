//! The lines that one blob has and another one does not have.

use std::ops::RangeInclusive;

use super::blobs::{BlobId, Objects};
use crate::repository::error::RepositoryError;

impl Objects<'_> {
    /// The numbers (from 1) of the lines of `new` that `old` does not have.
    pub(crate) fn added_lines(
        self,
        old: BlobId,
        new: BlobId,
    ) -> Result<Vec<RangeInclusive<usize>>, RepositoryError> {
        let comparing = || RepositoryError::git(format!("comparing the blobs {old} and {new}"));
        let (old, new) = (self.blob(old)?, self.blob(new)?);
        let mut options = git2::DiffOptions::new();
        options.context_lines(0).force_text(true);
        let patch =
            git2::Patch::from_buffers(old.content(), None, new.content(), None, Some(&mut options))
                .map_err(comparing())?;
        let mut added = Vec::new();
        for number in 0..patch.num_hunks() {
            let (hunk, _) = patch.hunk(number).map_err(comparing())?;
            let (first, count) = (hunk.new_start() as usize, hunk.new_lines() as usize);
            if count > 0 {
                added.push(first..=first + count - 1);
            }
        }
        Ok(added)
    }
}
