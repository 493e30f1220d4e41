//! The commits that changed one file, in the histories of `HEAD` and the local branches.

use super::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;

/// A commit in which a file differs from the file in all parents of the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathChange {
    pub(crate) commit: CommitId,
    /// The new blob; `None` if the commit removes the file.
    pub(crate) blob: Option<BlobId>,
    /// The blobs that the parents have.
    pub(crate) before: Vec<BlobId>,
}

impl<'repository> Commits<'repository> {
    /// Every change of the file at `path` in the histories of `HEAD` and of the local branches. A shallow clone has
    /// only the latest of them.
    pub(crate) fn changes_of_path(self, path: &str) -> Result<Vec<PathChange>, RepositoryError> {
        let blob = |commit: &git2::Commit<'_>| {
            let entry = commit.tree().ok()?.get_path(path.as_ref()).ok()?;
            Some(BlobId(entry.id().into()))
        };
        let branches = self.objects().references("refs/heads/")?;
        let mut tips: Vec<ObjectId> = branches.into_iter().map(|(_, id)| id).collect();
        tips.extend(self.objects().head_commit()?.map(|commit| commit.0));
        let reading = || RepositoryError::git(format!("reading the history of {path}"));
        if self.objects().is_partial()? {
            let tips: Vec<CommitId> = tips.iter().copied().map(CommitId).collect();
            let commits = self.walk(&tips, &[]).map_err(reading())?;
            self.objects().fetch_trees(&commits)?;
        }
        let changes = || -> Result<Vec<PathChange>, git2::Error> {
            let mut commits = self.git.revwalk()?;
            for tip in &tips {
                commits.push((*tip).into())?;
            }
            let mut changes = Vec::new();
            for id in commits {
                let commit = self.git.find_commit(id?)?;
                let here = blob(&commit);
                let before: Vec<_> = commit.parents().map(|parent| blob(&parent)).collect();
                if !before.contains(&here) {
                    changes.push(PathChange {
                        commit: CommitId(commit.id().into()),
                        blob: here,
                        before: before.into_iter().flatten().collect(),
                    });
                }
            }
            Ok(changes)
        };
        changes().map_err(reading())
    }
}

#[cfg(test)]
mod tests {
    use super::super::invented_history::InventedHistory;
    use super::*;

    #[test]
    fn a_file_changes_where_no_parent_has_what_it_is() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1")]);
        let second = invented.commit(&[first], &[("a", "1"), ("b", "1")]);
        let third = invented.commit(&[second], &[("a", "2")]);
        let removed = invented.commit(&[third], &[]);
        invented.point("refs/heads/main", removed);
        let repository = invented.repository();
        let changes = repository.commits().changes_of_path("a");
        let mut changes = changes.expect("all is here");
        changes.sort_by_key(|change| {
            [removed, third, first]
                .iter()
                .position(|id| *id == change.commit)
        });
        let (one, two) = (InventedHistory::blob("1"), InventedHistory::blob("2"));
        let change = |commit, blob, before| PathChange {
            commit,
            blob,
            before,
        };
        let expected = [
            change(removed, None, vec![two]),
            change(third, Some(two), vec![one]),
            change(first, Some(one), vec![]),
        ];
        assert_eq!(changes, expected);
    }

    #[test]
    fn branches_count_and_what_was_only_fetched_does_not() {
        let invented = InventedHistory::new();
        let own = invented.commit(&[], &[("a", "own")]);
        let fetched = invented.commit(&[own], &[("a", "fetched")]);
        invented.point("refs/heads/other", own);
        invented.point("refs/remotes/origin/main", fetched);
        let repository = invented.repository();
        let changes = repository.commits().changes_of_path("a");
        let commits = changes.expect("all is here").into_iter();
        assert_eq!(
            commits.map(|change| change.commit).collect::<Vec<_>>(),
            [own]
        );
    }
}
