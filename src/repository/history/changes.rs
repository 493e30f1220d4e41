//! What a commit, or the index before it becomes one, has that its parents do not have.

use std::collections::HashSet;
use std::fs;
use std::ops::RangeInclusive;

use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::revision::CommitId;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

/// A file, or symbolic link, with a content that none of the parents has at its path.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where it lies.
    pub path: PathBytes,
    /// Its new content.
    pub blob: BlobId,
    /// What the parents have at this path.
    pub before: Vec<BlobId>,
    /// True if it is a symbolic link: the content is its target.
    pub is_link: bool,
}

/// Everything that changes between parents and child.
#[derive(Debug, Default)]
pub struct Changes {
    /// Files that are new or have new content.
    pub changed: Vec<Change>,
    /// Files that are gone from the first parent.
    pub removed: Vec<(PathBytes, BlobId)>,
    /// Files in conflict, whose content is not decided yet.
    pub conflicts: Vec<PathBytes>,
    /// Submodules that point somewhere else.
    pub submodules: Vec<PathBytes>,
}

impl Repository {
    /// What the index would change in `HEAD`. During a merge, only what none of the parents has.
    pub fn staged_changes(&self) -> Result<Changes, RepositoryError> {
        let mut parents = self.head_tree()?.into_iter().collect::<Vec<_>>();
        for commit in self.merge_heads()? {
            parents.push(self.tree_of(commit)?);
        }
        let index = self.index_now()?;
        let mut options = options();
        let diff = self
            .git
            .diff_tree_to_index(parents.first(), Some(&index), Some(&mut options))
            .map_err(RepositoryError::git("comparing the index with HEAD"))?;
        changes(&diff, parents.get(1..).unwrap_or_default())
    }

    /// What `after` changes in `before`; `None` stands for an empty tree.
    pub(in crate::repository) fn changes_between(
        &self,
        before: Option<&git2::Tree<'_>>,
        after: &git2::Tree<'_>,
    ) -> Result<Changes, RepositoryError> {
        let diff = self
            .git
            .diff_tree_to_tree(before, Some(after), Some(&mut options()))
            .map_err(RepositoryError::git("comparing two commits"))?;
        changes(&diff, &[])
    }

    /// The submodules in the index.
    pub fn submodules(&self) -> Result<Vec<PathBytes>, RepositoryError> {
        let index = self.known_index()?;
        let entries = index.iter().filter(|entry| entry.mode == SUBMODULE);
        Ok(entries.map(|entry| PathBytes::new(entry.path)).collect())
    }

    /// What a commit has that none of its parents has.
    pub fn commit_changes(&self, commit: CommitId) -> Result<Changes, RepositoryError> {
        let doing = || RepositoryError::git(format!("reading the commit {commit}"));
        let commit = self.git.find_commit(commit.0).map_err(doing())?;
        let parents = commit
            .parents()
            .map(|parent| parent.tree())
            .collect::<Result<Vec<_>, _>>()
            .map_err(doing())?;
        let tree = commit.tree().map_err(doing())?;
        let mut options = options();
        let diff = self
            .git
            .diff_tree_to_tree(parents.first(), Some(&tree), Some(&mut options))
            .map_err(doing())?;
        changes(&diff, parents.get(1..).unwrap_or_default())
    }

    /// The lines of `new`, from 1, that `old` does not have.
    pub fn added_lines(
        &self,
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

    /// The tree of `HEAD`; none before the first commit.
    pub(in crate::repository) fn head_tree(
        &self,
    ) -> Result<Option<git2::Tree<'_>>, RepositoryError> {
        let reading = || RepositoryError::git("reading HEAD");
        match self.git.head() {
            Ok(head) => head.peel_to_tree().map(Some).map_err(reading()),
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(reading()(error)),
        }
    }

    pub(in crate::repository) fn tree_of(
        &self,
        commit: git2::Oid,
    ) -> Result<git2::Tree<'_>, RepositoryError> {
        self.git
            .find_commit(commit)
            .and_then(|commit| commit.tree())
            .map_err(RepositoryError::git(format!("reading the commit {commit}")))
    }

    /// The commits that are being merged into `HEAD`.
    pub(in crate::repository) fn merge_heads(&self) -> Result<Vec<git2::Oid>, RepositoryError> {
        let path = self.git_dir().join("MERGE_HEAD");
        match fs::read_to_string(&path) {
            Ok(ids) => ids
                .lines()
                .map(git2::Oid::from_str)
                .collect::<Result<_, _>>()
                .map_err(RepositoryError::git("reading MERGE_HEAD")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(RepositoryError::file("reading", &path)(error)),
        }
    }
}

/// Mode of an index entry for a submodule.
const SUBMODULE: u32 = 0o160_000;

fn options() -> git2::DiffOptions {
    let mut options = git2::DiffOptions::new();
    options.include_typechange(true).skip_binary_check(true);
    options
}

fn changes(
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
            changes.removed.push((path.clone(), BlobId(old.id())));
        }
        if !(is_link || is_file(new.mode())) {
            continue;
        }
        let was_alike = match is_link {
            true => old.mode() == git2::FileMode::Link,
            false => is_file(old.mode()),
        };
        let others: Vec<BlobId> = other_parents
            .iter()
            .filter_map(|tree| tree.get_path(path.to_path()).ok())
            .map(|entry| BlobId(entry.id()))
            .collect();
        let blob = BlobId(new.id());
        if !others.contains(&blob) {
            let before = was_alike.then_some(BlobId(old.id()));
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
    /// A file that only moved has nothing new in it.
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
