//! Changing the index by running `git`, without filters and work tree.

use std::path::Path;

use super::entries::IndexEntry;
use super::file::Index;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::{run_to_end, run_with_input};
use crate::repository::objects::blobs::BlobId;
use crate::repository::path::PathBytes;

impl<'repository> Index<'repository> {
    /// Replaces the blobs of these entries, all in one step.
    pub(crate) fn stage_blobs(
        self,
        staged: &[(IndexEntry, BlobId)],
    ) -> Result<(), RepositoryError> {
        let mut lines = Vec::new();
        for (entry, blob) in staged {
            lines.extend(format!("{:o} {blob}\t", entry.mode).into_bytes());
            lines.extend(entry.path.as_bytes());
            lines.push(0);
        }
        let mut command = self.program.command("update-index");
        run_with_input("update-index", command.args(["-z", "--index-info"]), lines)?;
        let left_out = staged.iter().filter(|(entry, _)| entry.skip_worktree);
        let left_out = PathBytes::list(left_out.map(|(entry, _)| &entry.path));
        if left_out.is_empty() {
            return Ok(());
        }
        // The new entries have lost their skip-worktree bit, which a sparse checkout had set.
        let mut command = self.program.command("update-index");
        command.args(["--skip-worktree", "-z", "--stdin"]);
        run_with_input("update-index", &mut command, left_out)
    }

    /// Makes Git compare the work tree with the index and note which files are unchanged. Changed files are not an error.
    pub(crate) fn refresh(self) -> Result<(), RepositoryError> {
        self.refresh_in(None)
    }

    /// Makes Git compare the work tree with the index in this file, or with its own index.
    pub(in crate::repository) fn refresh_in(
        self,
        index: Option<&Path>,
    ) -> Result<(), RepositoryError> {
        let mut command = self.program.command("update-index");
        command.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
        command.args(["-q", "--unmerged", "--refresh"]);
        match run_to_end("update-index", &mut command) {
            Ok(_) | Err(RepositoryError::GitProgram { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Commits everything that is staged.
    pub(crate) fn commit(self, message: &str) -> Result<(), RepositoryError> {
        let mut command = self.program.command("commit");
        command.args(["--quiet", "--message", message]);
        run_to_end("commit", &mut command).map(drop)
    }
}
