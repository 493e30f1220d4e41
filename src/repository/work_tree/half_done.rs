//! Files that Git has written or removed while it was moving to another commit, before it was stopped.
//!
//! After somebody else's rotation, most people pull before they unlock, and Git stops halfway. `git reset` would also
//! discard their own changes, and `git stash` would lead to conflicts. Therefore this is repaired here, not left to a
//! hint.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use super::behind_link::SeenFolders;
use super::top::WorkTree;
use crate::repository::error::RepositoryError;
use crate::repository::files::door::remove_below;
use crate::repository::files::private_files::create_private_folder;
use crate::repository::git::program::{run_file_by_file, run_to_end, run_with_input};
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;
use crate::repository::path::PathBytes;

impl<'repository> WorkTree<'repository> {
    /// Restores files from the index that Git has left half done.
    ///
    /// These are files that are missing, that have the content of one of `targets`, or that have the content that
    /// merging it would give. Git takes them for local changes now, and would stop at them again. A file with any other
    /// content has been edited by somebody, and is left alone.
    ///
    /// Returns the files that were changed.
    pub(crate) fn restore_half_done(
        self,
        targets: &BTreeSet<CommitId>,
    ) -> Result<Vec<PathBytes>, RepositoryError> {
        let mut restored = Vec::new();
        for target in targets {
            self.restore_from(&self.objects.tree(*target)?, &mut restored)?;
            if let Some(tree) = self.merged_tree(*target) {
                self.restore_from(&tree, &mut restored)?;
            }
        }
        restored.sort();
        restored.dedup();
        Ok(restored)
    }

    /// The tree that merging `target` would give. `None` if there are conflicts, or if Git can't compute it without a
    /// work tree (before 2.38).
    fn merged_tree(self, target: CommitId) -> Option<git2::Tree<'repository>> {
        let mut command = self.program.command("merge-tree");
        command.args(["--write-tree", "--no-messages", "HEAD"]);
        // After a conflict there is no result: nobody can tell what Git wrote from what the user has changed since.
        let printed = run_to_end("merge-tree", command.arg(target.to_string())).ok()?;
        let id = String::from_utf8(printed).ok()?;
        self.objects
            .git
            .find_tree(ObjectId::parse(id.trim())?.into())
            .ok()
    }

    fn restore_from(
        self,
        tree: &git2::Tree<'_>,
        restored: &mut Vec<PathBytes>,
    ) -> Result<(), RepositoryError> {
        let work_tree = self.require("restoring files")?;
        let comparing = || RepositoryError::git("comparing HEAD with what is to be pulled");
        let diff = self
            .objects
            .git
            .diff_tree_to_tree(self.objects.head_tree()?.as_ref(), Some(tree), None)
            .map_err(comparing())?;
        let index = self.index.now()?;
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
                Ok(_) if new.exists() => there.push((path, u32::from(new.mode()), new.id().into())),
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
        let mut command = self.program.command("checkout-index");
        command.args(["--force", "--index", "--stdin", "-z"]);
        run_file_by_file("checkout-index", &mut command, to_write.iter())?;
        // Ignored files do not stop Git, so they stay.
        let untracked = self.untracked()?;
        let unknown: Vec<PathBytes> = unknown
            .into_iter()
            .filter(|path| untracked.contains(path))
            .collect();
        for path in &unknown {
            remove_below(work_tree, path.to_path())?;
        }
        restored.extend(to_write);
        restored.extend(unknown);
        Ok(())
    }

    /// The `files` that the work tree has with the given mode and blob, as Git itself compares them.
    fn as_written(
        self,
        files: &[(PathBytes, u32, ObjectId)],
    ) -> Result<Vec<PathBytes>, RepositoryError> {
        // A killed process may have left the folder.
        let folder = self.program.git_dir.join("hs-secrets").join("compared");
        let _ = fs::remove_dir_all(&folder);
        create_private_folder(&folder)?;
        let index = folder.join("index");
        let mut lines = Vec::new();
        for (path, mode, blob) in files {
            lines.extend(format!("{mode:o} {blob}\t").into_bytes());
            lines.extend_from_slice(path.as_bytes());
            lines.push(0);
        }
        let mut command = self.program.command("update-index");
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

    /// The files that differ from an index, including those in conflict.
    fn changed_files(self, index: Option<&Path>) -> Result<HashSet<PathBytes>, RepositoryError> {
        self.index.refresh_in(index)?;
        let mut command = self.program.command("diff-files");
        command.envs(index.map(|index| ("GIT_INDEX_FILE", index)));
        let listed = run_to_end("diff-files", command.args(["--name-only", "-z"]))?;
        Ok(PathBytes::listed(&listed).collect())
    }
}
