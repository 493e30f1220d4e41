//! Files that Git has written, or taken away, on its way to a commit before it was stopped.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use super::behind_link::SeenFolders;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::{run_file_by_file, run_with_input};
use crate::repository::objects::revision::CommitId;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

impl Repository {
    /// Brings files back to what the index says that are gone, or as one of `targets` has them (or what merging it
    /// would give): Git has written them on its way there, and takes them for changes now, which stop it the next time.
    /// What is anything else is work, and is left alone.
    ///
    /// Returns what it has changed.
    pub fn restore_half_done(
        &self,
        targets: &BTreeSet<CommitId>,
    ) -> Result<Vec<PathBytes>, RepositoryError> {
        let mut restored = Vec::new();
        for target in targets {
            self.restore_from(&self.tree_of(target.0)?, &mut restored)?;
            if let Some(tree) = self.merged_tree(*target) {
                self.restore_from(&tree, &mut restored)?;
            }
        }
        restored.sort();
        restored.dedup();
        Ok(restored)
    }

    /// What merging `target` gives, where this Git can tell without doing it (from 2.38 on).
    fn merged_tree(&self, target: CommitId) -> Option<git2::Tree<'_>> {
        let mut command = self.git_command("merge-tree");
        command.args(["--write-tree", "--no-messages", "HEAD"]);
        // A conflict is no success, and what is in it can't be told from what its user makes of it.
        let printed = Self::run_git("merge-tree", command.arg(target.to_string())).ok()?;
        let id = String::from_utf8(printed).ok()?;
        self.git
            .find_tree(git2::Oid::from_str(id.trim()).ok()?)
            .ok()
    }

    fn restore_from(
        &self,
        tree: &git2::Tree<'_>,
        restored: &mut Vec<PathBytes>,
    ) -> Result<(), RepositoryError> {
        let work_tree = self.require_work_tree("restoring files")?;
        let comparing = || RepositoryError::git("comparing HEAD with what is to be pulled");
        let diff = self
            .git
            .diff_tree_to_tree(self.head_tree()?.as_ref(), Some(tree), None)
            .map_err(comparing())?;
        let index = self.git.index().map_err(comparing())?;
        let mut seen = SeenFolders::default();
        let (mut gone, mut there) = (Vec::new(), Vec::new());
        for delta in diff.deltas() {
            let (old, new) = (delta.old_file(), delta.new_file());
            let path = PathBytes::new(new.path_bytes().or(old.path_bytes()).unwrap_or_default());
            let is_module = [old.mode(), new.mode()].contains(&git2::FileMode::Commit);
            if is_module || self.is_behind_link(&path, &mut seen) {
                continue;
            }
            match fs::symlink_metadata(work_tree.join(path.to_path())) {
                Err(_) => gone.push(path),
                Ok(_) if new.exists() => there.push((path, u32::from(new.mode()), new.id())),
                Ok(_) => {}
            }
        }
        let as_target = self.as_written(&there)?;
        let is_known =
            |path: &PathBytes| (0..=3).any(|stage| index.get_path(path.to_path(), stage).is_some());
        let (known, unknown): (Vec<_>, Vec<_>) = as_target.into_iter().partition(is_known);
        let changed = self.changed_files(None)?;
        let mut to_write = gone;
        to_write.extend(known);
        to_write
            .retain(|path| changed.contains(path) && index.get_path(path.to_path(), 0).is_some());
        let mut command = self.git_command("checkout-index");
        command.args(["--force", "--index", "--stdin", "-z"]);
        run_file_by_file("checkout-index", &mut command, to_write.iter())?;
        // What is ignored does not stop Git.
        let untracked = self.untracked()?;
        let unknown: Vec<PathBytes> = unknown
            .into_iter()
            .filter(|path| untracked.contains(path))
            .collect();
        for path in &unknown {
            let full = work_tree.join(path.to_path());
            fs::remove_file(&full).map_err(RepositoryError::file("removing", &full))?;
        }
        restored.extend(to_write);
        restored.extend(unknown);
        Ok(())
    }

    /// Those of these files that the work tree has with this mode and blob, as Git itself compares them.
    fn as_written(
        &self,
        files: &[(PathBytes, u32, git2::Oid)],
    ) -> Result<Vec<PathBytes>, RepositoryError> {
        // Begun anew where an earlier one was killed.
        let folder = self.git_dir().join("hs-secrets").join("compared");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(RepositoryError::file("creating", &folder))?;
        let index = folder.join("index");
        let mut lines = Vec::new();
        for (path, mode, blob) in files {
            lines.extend(format!("{mode:o} {blob}\t").into_bytes());
            lines.extend_from_slice(path.as_bytes());
            lines.push(0);
        }
        let mut command = self.git_command("update-index");
        command.env("GIT_INDEX_FILE", &index);
        run_with_input("update-index", command.args(["-z", "--index-info"]), lines)?;
        let changed = self.changed_files(Some(&index))?;
        fs::remove_dir_all(&folder).map_err(RepositoryError::file("removing", &folder))?;
        let paths = files.iter().map(|(path, ..)| path);
        Ok(paths
            .filter(|path| !changed.contains(path))
            .cloned()
            .collect())
    }

    /// The files that are not as an index has them, those in conflict among them.
    fn changed_files(&self, index: Option<&Path>) -> Result<HashSet<PathBytes>, RepositoryError> {
        self.refresh_index_in(index)?;
        let mut command = self.git_command("diff-files");
        command.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
        let listed = Self::run_git("diff-files", command.args(["--name-only", "-z"]))?;
        let paths = listed
            .split(|&byte| byte == 0)
            .filter(|path| !path.is_empty());
        Ok(paths.map(PathBytes::new).collect())
    }
}
