//! The changes that the index would make to the last commit.

use crate::repository::commits::changes::{Changes, changes, options};
use crate::repository::error::RepositoryError;
use crate::repository::objects::revision::CommitId;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

/// Mode of an index entry for a submodule.
const SUBMODULE: u32 = 0o160_000;

impl Repository {
    /// What the index would change in `HEAD`. During a merge, only what none of the parents has.
    pub fn staged_changes(&self) -> Result<Changes, RepositoryError> {
        let mut parents = self.objects().head_tree()?.into_iter().collect::<Vec<_>>();
        for commit in self.commits().merge_heads()? {
            parents.push(self.objects().tree(CommitId(commit))?);
        }
        let index = self.index_now()?;
        let mut options = options();
        let diff = self
            .git
            .diff_tree_to_index(parents.first(), Some(&index), Some(&mut options))
            .map_err(RepositoryError::git("comparing the index with HEAD"))?;
        changes(&diff, parents.get(1..).unwrap_or_default())
    }

    /// The submodules in the index.
    pub fn submodules(&self) -> Result<Vec<PathBytes>, RepositoryError> {
        let index = self.known_index()?;
        let entries = index.iter().filter(|entry| entry.mode == SUBMODULE);
        Ok(entries.map(|entry| PathBytes::new(entry.path)).collect())
    }
}
