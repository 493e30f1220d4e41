//! Giving paths in the index another content, without the filters and whatever the work tree holds.

use std::path::Path;

use crate::repository::error::RepositoryError;
use crate::repository::git::program::run_with_input;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::index::IndexEntry;
use crate::repository::open::Repository;

impl Repository {
    /// Stores a blob of exactly these bytes.
    pub fn write_blob(&self, content: &[u8]) -> Result<BlobId, RepositoryError> {
        self.git
            .blob(content)
            .map(BlobId::new)
            .map_err(RepositoryError::git("storing a blob"))
    }

    /// Stages these blobs in place of the entries' own, all of them in one step.
    pub fn stage_blobs(&self, staged: &[(IndexEntry, BlobId)]) -> Result<(), RepositoryError> {
        let mut lines = Vec::new();
        let mut left_out = Vec::new();
        for (entry, blob) in staged {
            lines.extend(format!("{:o} {blob}\t", entry.mode).into_bytes());
            lines.extend(entry.path.as_bytes());
            lines.push(0);
            if entry.skip_worktree {
                left_out.extend(entry.path.as_bytes());
                left_out.push(0);
            }
        }
        let mut command = self.git_command("update-index");
        run_with_input("update-index", command.args(["-z", "--index-info"]), lines)?;
        if left_out.is_empty() {
            return Ok(());
        }
        // A new entry no longer knows that a sparse checkout leaves it out.
        let mut command = self.git_command("update-index");
        command.args(["--skip-worktree", "-z", "--stdin"]);
        run_with_input("update-index", &mut command, left_out)
    }

    /// Lets Git see which files are as the index has them. Those that are not are no failure.
    pub fn refresh_index(&self) -> Result<(), RepositoryError> {
        self.refresh_index_in(None)
    }

    /// The same of the index in this file.
    pub(in crate::repository) fn refresh_index_in(
        &self,
        index: Option<&Path>,
    ) -> Result<(), RepositoryError> {
        let mut command = self.git_command("update-index");
        command.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
        command.args(["-q", "--unmerged", "--refresh"]);
        match Self::run_git("update-index", &mut command) {
            Ok(_) | Err(RepositoryError::GitProgram { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// True where something is staged that is not committed.
    pub fn has_staged_changes(&self) -> Result<bool, RepositoryError> {
        self.has_staged(git2::DiffOptions::new())
    }

    /// The same of what lies below `directory`.
    pub fn has_staged_changes_below(&self, directory: &Path) -> Result<bool, RepositoryError> {
        let mut options = git2::DiffOptions::new();
        options.disable_pathspec_match(true).pathspec(directory);
        self.has_staged(options)
    }

    /// True where something is staged in place of a committed blob that is `such`.
    pub fn staged_changes_from(
        &self,
        such: impl Fn(&[u8]) -> bool,
    ) -> Result<bool, RepositoryError> {
        let changes = self.staged_changes()?;
        let changed = changes.changed.into_iter().flat_map(|change| change.before);
        let removed = changes.removed.into_iter().map(|(_, blob)| blob);
        for before in changed.chain(removed) {
            if such(self.blob(before)?.content()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_staged(&self, mut options: git2::DiffOptions) -> Result<bool, RepositoryError> {
        let reading = || RepositoryError::git("comparing the index with the last commit");
        let tree = self.head_tree()?;
        let index = self.index_now()?;
        let difference = self
            .git
            .diff_tree_to_index(tree.as_ref(), Some(&index), Some(&mut options))
            .map_err(reading())?;
        Ok(difference.deltas().len() > 0)
    }

    /// Commits what is staged.
    pub fn commit_staged(&self, message: &str) -> Result<(), RepositoryError> {
        let mut command = self.git_command("commit");
        command.args(["--quiet", "--message", message]);
        Self::run_git("commit", &mut command).map(drop)
    }

    /// Brings what is below `directory` back to the last commit, in index and work tree.
    pub fn restore_committed(&self, directory: &Path) -> Result<(), RepositoryError> {
        let mut command = self.git_command("rm");
        command.args(["-r", "--quiet", "--force", "--ignore-unmatch", "--"]);
        Self::run_git("rm", command.arg(directory))?;
        let mut command = self.git_command("checkout");
        command.args(["--quiet", "HEAD", "--"]);
        match self.git.revparse_single("HEAD") {
            Ok(_) if self.is_committed(directory) => {
                Self::run_git("checkout", command.arg(directory)).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn is_committed(&self, path: &Path) -> bool {
        let tree = self.git.head().and_then(|head| head.peel_to_tree());
        tree.is_ok_and(|tree| tree.get_path(path).is_ok())
    }
}
