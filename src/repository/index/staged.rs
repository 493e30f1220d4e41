//! The changes between the last commit and the index.

use std::path::Path;

use super::file::Index;
use crate::repository::commits::changes::{Changes, changes, options};
use crate::repository::commits::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::path::PathBytes;

/// Mode of an index entry for a submodule.
const SUBMODULE: u32 = 0o160_000;

impl<'repository> Index<'repository> {
    fn commits(self) -> Commits<'repository> {
        Commits {
            git: self.git,
            program: self.program,
        }
    }

    /// The changes between `HEAD` and the index. During a merge, changes that come from one of the parents are left out.
    pub(crate) fn changes(self) -> Result<Changes, RepositoryError> {
        let mut parents = self.objects().head_tree()?.into_iter().collect::<Vec<_>>();
        for commit in self.commits().merge_heads()? {
            parents.push(self.objects().tree(commit)?);
        }
        let index = self.now()?;
        let mut options = options();
        let diff = self
            .git
            .diff_tree_to_index(parents.first(), Some(&index), Some(&mut options))
            .map_err(RepositoryError::git("comparing the index with HEAD"))?;
        changes(&diff, parents.get(1..).unwrap_or_default())
    }

    /// The submodules in the index.
    pub(crate) fn submodules(self) -> Result<Vec<PathBytes>, RepositoryError> {
        let index = self.now()?;
        let entries = index.iter().filter(|entry| entry.mode == SUBMODULE);
        Ok(entries.map(|entry| PathBytes::new(entry.path)).collect())
    }

    /// True if a staged change is not committed yet.
    pub(crate) fn has_changes(self) -> Result<bool, RepositoryError> {
        self.has_staged(git2::DiffOptions::new())
    }

    /// True if a staged change below `directory` is not committed yet.
    pub(crate) fn has_changes_below(self, directory: &Path) -> Result<bool, RepositoryError> {
        let mut options = git2::DiffOptions::new();
        options.disable_pathspec_match(true).pathspec(directory);
        self.has_staged(options)
    }

    /// True if a staged change replaces or removes a committed blob for which `matches` holds.
    pub(crate) fn changes_from(
        self,
        matches: impl Fn(&[u8]) -> bool,
    ) -> Result<bool, RepositoryError> {
        let changes = self.changes()?;
        let changed = changes.changed.into_iter().flat_map(|change| change.before);
        let removed = changes.removed.into_iter().map(|(_, blob)| blob);
        let before: Vec<_> = changed.chain(removed).collect();
        self.objects().fetch_blobs(before.iter().copied())?;
        for before in before {
            if matches(self.objects().blob(before)?.content()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn has_staged(self, mut options: git2::DiffOptions) -> Result<bool, RepositoryError> {
        let reading = || RepositoryError::git("comparing the index with the last commit");
        let tree = self.objects().head_tree()?;
        let index = self.now()?;
        let difference = self
            .git
            .diff_tree_to_index(tree.as_ref(), Some(&index), Some(&mut options))
            .map_err(reading())?;
        Ok(difference.deltas().len() > 0)
    }
}
