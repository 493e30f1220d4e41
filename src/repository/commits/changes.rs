//! The changes between a commit and its parents, or between the index and `HEAD`.

use std::collections::HashSet;
use std::fs;
use std::io;

use super::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;
use crate::repository::path::PathBytes;

/// A file or symbolic link with a content that none of the parents has at this path.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub path: PathBytes,
    /// Its new content.
    pub blob: BlobId,
    /// The contents of the parents at this path.
    pub before: Vec<BlobId>,
    /// True for a symbolic link, whose content is its target.
    pub is_link: bool,
}

/// All changes between the parents and a commit (or the index).
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Files that are new or have new content.
    pub changed: Vec<Change>,
    /// Files that the first parent has, and that are gone.
    pub removed: Vec<(PathBytes, BlobId)>,
    /// Files with an unresolved conflict.
    pub conflicts: Vec<PathBytes>,
    /// Submodules that point to another commit.
    pub submodules: Vec<PathBytes>,
}

impl<'repository> Commits<'repository> {
    /// The changes from `before` to `after`; `None` is an empty tree.
    pub(in crate::repository) fn changes_between(
        self,
        before: Option<&git2::Tree<'_>>,
        after: &git2::Tree<'_>,
    ) -> Result<Changes, RepositoryError> {
        let diff = self
            .git
            .diff_tree_to_tree(before, Some(after), Some(&mut options()))
            .map_err(RepositoryError::git("comparing two commits"))?;
        changes(&diff, &[])
    }

    /// The changes of a commit. Changes that come from one of its parents are left out.
    pub(crate) fn changes(self, commit: CommitId) -> Result<Changes, RepositoryError> {
        let doing = || RepositoryError::git(format!("reading the commit {commit}"));
        let tree = self.objects().tree(commit)?;
        let found = self.git.find_commit(commit.0.into()).map_err(doing())?;
        let parents = found
            .parent_ids()
            .map(|parent| self.objects().tree(CommitId(parent.into())))
            .collect::<Result<Vec<_>, _>>()?;
        let mut options = options();
        let diff = self
            .git
            .diff_tree_to_tree(parents.first(), Some(&tree), Some(&mut options))
            .map_err(doing())?;
        changes(&diff, parents.get(1..).unwrap_or_default())
    }

    /// The commits that are being merged into `HEAD`.
    pub(in crate::repository) fn merge_heads(self) -> Result<Vec<CommitId>, RepositoryError> {
        let path = self.git.path().join("MERGE_HEAD");
        let damaged = || RepositoryError::file("reading", &path)(io::ErrorKind::InvalidData.into());
        match fs::read_to_string(&path) {
            Ok(ids) => ids
                .lines()
                .map(|id| ObjectId::parse(id).map(CommitId).ok_or_else(damaged))
                .collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(RepositoryError::file("reading", &path)(error)),
        }
    }
}

pub(in crate::repository) fn options() -> git2::DiffOptions {
    let mut options = git2::DiffOptions::new();
    options.include_typechange(true).skip_binary_check(true);
    options
}

/// The changes in `diff`, without those that one of the other parents has.
pub(in crate::repository) fn changes(
    diff: &git2::Diff<'_>,
    other_parents: &[git2::Tree<'_>],
) -> Result<Changes, RepositoryError> {
    let mut changes = Changes::default();
    for delta in diff.deltas() {
        let (old, new) = (delta.old_file(), delta.new_file());
        let path = PathBytes::new(new.path_bytes().or(old.path_bytes()).unwrap_or_default());
        if delta.status() == git2::Delta::Conflicted {
            changes.conflicts.push(path);
            continue;
        }
        if new.mode() == git2::FileMode::Commit {
            changes.submodules.push(path);
            continue;
        }
        let is_link = new.mode() == git2::FileMode::Link;
        if is_file(old.mode()) && !is_file(new.mode()) {
            changes
                .removed
                .push((path.clone(), BlobId(old.id().into())));
        }
        if !(is_link || is_file(new.mode())) {
            continue;
        }
        let was_alike = if is_link {
            old.mode() == git2::FileMode::Link
        } else {
            is_file(old.mode())
        };
        let others: Vec<BlobId> = other_parents
            .iter()
            .filter_map(|tree| tree.get_path(path.to_path()).ok())
            .map(|entry| BlobId(entry.id().into()))
            .collect();
        let blob = BlobId(new.id().into());
        if !others.contains(&blob) {
            let before = was_alike.then_some(BlobId(old.id().into()));
            changes.changed.push(Change {
                path,
                blob,
                before: before.into_iter().chain(others).collect(),
                is_link,
            });
        }
    }
    changes.follow_renames();
    Ok(changes)
}

impl Changes {
    /// Takes renames into account: for a file that only moved, its content counts as the one before.
    fn follow_renames(&mut self) {
        let removed: HashSet<BlobId> = self.removed.iter().map(|(_, blob)| *blob).collect();
        for change in self
            .changed
            .iter_mut()
            .filter(|change| change.before.is_empty())
        {
            if removed.contains(&change.blob) {
                change.before.push(change.blob);
            }
        }
    }
}

fn is_file(mode: git2::FileMode) -> bool {
    matches!(
        mode,
        git2::FileMode::Blob | git2::FileMode::BlobExecutable | git2::FileMode::BlobGroupWritable
    )
}

#[cfg(test)]
mod tests {
    use super::super::invented_history::InventedHistory;
    use super::*;

    fn paths(changes: &Changes) -> Vec<String> {
        let paths = changes.changed.iter();
        paths.map(|change| change.path.to_string()).collect()
    }

    #[test]
    fn a_commit_changes_what_none_of_its_parents_has() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1"), ("b", "1")]);
        let ours = invented.commit(&[first], &[("a", "2"), ("b", "1")]);
        let theirs = invented.commit(&[first], &[("a", "1"), ("b", "2")]);
        let merge = invented.commit(&[ours, theirs], &[("a", "2"), ("b", "3"), ("c", "1")]);
        let repository = invented.repository();
        let changes = |commit| repository.commits().changes(commit).expect("it is here");
        assert_eq!(paths(&changes(first)), ["a", "b"]);
        assert_eq!(paths(&changes(ours)), ["a"]);
        assert_eq!(
            changes(ours).changed[0].before,
            [InventedHistory::blob("1")]
        );
        let merged = changes(merge);
        assert_eq!(paths(&merged), ["b", "c"]);
        let before = [InventedHistory::blob("1"), InventedHistory::blob("2")];
        assert_eq!(merged.changed[0].before, before);
        assert_eq!(merged.changed[1].before, []);
    }

    #[test]
    fn a_file_that_moved_brings_nothing_new_and_is_gone_from_where_it_was() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1")]);
        let moved = invented.commit(&[first], &[("b", "1")]);
        let repository = invented.repository();
        let changes = repository.commits().changes(moved).expect("it is here");
        assert_eq!(changes.changed[0].before, [InventedHistory::blob("1")]);
        let removed = (PathBytes::new(b"a"), InventedHistory::blob("1"));
        assert_eq!(changes.removed, [removed]);
    }
}
