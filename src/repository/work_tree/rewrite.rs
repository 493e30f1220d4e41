//! Giving paths in the index another content, past the filters and the work tree.

use std::path::Path;

use crate::repository::error::RepositoryError;
use crate::repository::git::program::{run_to_end, run_with_input};
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::index::IndexEntry;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

impl Repository {
    /// Stages other blobs for these entries, all of them in one step.
    pub fn stage_blobs(&self, staged: &[(IndexEntry, BlobId)]) -> Result<(), RepositoryError> {
        let mut lines = Vec::new();
        for (entry, blob) in staged {
            lines.extend(format!("{:o} {blob}\t", entry.mode).into_bytes());
            lines.extend(entry.path.as_bytes());
            lines.push(0);
        }
        let mut command = self.program().command("update-index");
        run_with_input("update-index", command.args(["-z", "--index-info"]), lines)?;
        let left_out = staged.iter().filter(|(entry, _)| entry.skip_worktree);
        let left_out = PathBytes::list(left_out.map(|(entry, _)| &entry.path));
        if left_out.is_empty() {
            return Ok(());
        }
        // The new entries have lost the mark that a sparse checkout leaves them out.
        let mut command = self.program().command("update-index");
        command.args(["--skip-worktree", "-z", "--stdin"]);
        run_with_input("update-index", &mut command, left_out)
    }

    /// Lets Git compare the work tree with the index, and note which files are unchanged. Changed files are no failure.
    pub fn refresh_index(&self) -> Result<(), RepositoryError> {
        self.refresh_index_in(None)
    }

    /// Lets Git compare the work tree with the index in this file, or with its own.
    pub(in crate::repository) fn refresh_index_in(
        &self,
        index: Option<&Path>,
    ) -> Result<(), RepositoryError> {
        let mut command = self.program().command("update-index");
        command.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
        command.args(["-q", "--unmerged", "--refresh"]);
        match run_to_end("update-index", &mut command) {
            Ok(_) | Err(RepositoryError::GitProgram { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// True if something is staged that is not committed.
    pub fn has_staged_changes(&self) -> Result<bool, RepositoryError> {
        self.has_staged(git2::DiffOptions::new())
    }

    /// True if something below `directory` is staged that is not committed.
    pub fn has_staged_changes_below(&self, directory: &Path) -> Result<bool, RepositoryError> {
        let mut options = git2::DiffOptions::new();
        options.disable_pathspec_match(true).pathspec(directory);
        self.has_staged(options)
    }

    /// True if a staged change replaces or removes a committed blob for which `matches` holds.
    pub fn staged_changes_from(
        &self,
        matches: impl Fn(&[u8]) -> bool,
    ) -> Result<bool, RepositoryError> {
        let changes = self.staged_changes()?;
        let changed = changes.changed.into_iter().flat_map(|change| change.before);
        let removed = changes.removed.into_iter().map(|(_, blob)| blob);
        for before in changed.chain(removed) {
            if matches(self.objects().blob(before)?.content()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_staged(&self, mut options: git2::DiffOptions) -> Result<bool, RepositoryError> {
        let reading = || RepositoryError::git("comparing the index with the last commit");
        let tree = self.objects().head_tree()?;
        let index = self.index_now()?;
        let difference = self
            .git
            .diff_tree_to_index(tree.as_ref(), Some(&index), Some(&mut options))
            .map_err(reading())?;
        Ok(difference.deltas().len() > 0)
    }

    /// Commits what is staged.
    pub fn commit_staged(&self, message: &str) -> Result<(), RepositoryError> {
        let mut command = self.program().command("commit");
        command.args(["--quiet", "--message", message]);
        run_to_end("commit", &mut command).map(drop)
    }

    /// Restores everything below `directory` from the last commit, in index and work tree.
    pub fn restore_committed(&self, directory: &Path) -> Result<(), RepositoryError> {
        let mut command = self.program().command("rm");
        command.args(["-r", "--quiet", "--force", "--ignore-unmatch", "--"]);
        run_to_end("rm", command.arg(directory))?;
        let mut command = self.program().command("checkout");
        command.args(["--quiet", "HEAD", "--"]);
        match self.git.revparse_single("HEAD") {
            Ok(_) if self.is_committed(directory) => {
                run_to_end("checkout", command.arg(directory)).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn is_committed(&self, path: &Path) -> bool {
        let tree = self.git.head().and_then(|head| head.peel_to_tree());
        tree.is_ok_and(|tree| tree.get_path(path).is_ok())
    }
}
