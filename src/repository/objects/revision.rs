//! Commits, and the entries of their trees by path.

use std::fmt;

use super::blobs::{BlobId, Objects};
use super::id::ObjectId;
use crate::repository::error::RepositoryError;
use crate::repository::path::PathBytes;

/// The id of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommitId(pub(in crate::repository) ObjectId);

/// An entry of a commit's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TreeEntry {
    /// A file.
    File(BlobId),
    /// A symbolic link, whose target is the content of this blob.
    Symlink(BlobId),
    /// A folder.
    Directory,
    /// A submodule: a commit of another repository.
    Submodule,
}

impl fmt::Display for CommitId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<'repository> Objects<'repository> {
    /// The commit that `revision` names, as `git rev-parse` reads it.
    pub(crate) fn commit(self, revision: &str) -> Result<CommitId, RepositoryError> {
        let no_commit = |_| git2::Error::from_str("it is there, but is no commit");
        self.named(revision)
            .and_then(|id| self.git.find_object(id.into(), None))
            .and_then(|object| object.peel_to_commit().map_err(no_commit))
            .map(|commit| CommitId(commit.id().into()))
            .map_err(RepositoryError::git(format!(
                "finding the revision `{revision}`"
            )))
    }

    /// The commit that is checked out; `None` before the first commit.
    pub(crate) fn head_commit(self) -> Result<Option<CommitId>, RepositoryError> {
        let head = self.head().map_err(RepositoryError::git("reading HEAD"))?;
        Ok(head.map(CommitId))
    }

    /// The id of the commit that is checked out. Before the first commit: zeros, as Git writes it.
    pub(in crate::repository) fn head_name(self) -> Result<String, RepositoryError> {
        Ok(match self.head_commit()? {
            Some(commit) => commit.to_string(),
            None => ObjectId::of_nothing(self.git.object_format()).to_string(),
        })
    }

    /// The regular file at `path` in `commit`; `None` if nothing or something else is there.
    pub(crate) fn file_in(
        self,
        commit: CommitId,
        path: &PathBytes,
    ) -> Result<Option<BlobId>, RepositoryError> {
        match self.tree(commit)?.get_path(path.to_path()) {
            Ok(entry) => Ok(match kind(&entry) {
                TreeEntry::File(blob) => Some(blob),
                _ => None,
            }),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(RepositoryError::git(format!("reading {commit}:{path}"))(
                error,
            )),
        }
    }

    /// The names in a folder of `commit`; empty if there is no such folder.
    pub(crate) fn tree_names(
        self,
        commit: CommitId,
        path: &str,
    ) -> Result<Vec<String>, RepositoryError> {
        let mut tree = self.tree(commit)?;
        if !path.is_empty() {
            let entry = match tree.get_path(path.as_ref()) {
                Ok(entry) if entry.kind() == Some(git2::ObjectType::Tree) => entry,
                _ => return Ok(Vec::new()),
            };
            tree = self
                .git
                .find_tree(entry.id())
                .map_err(RepositoryError::git(format!("reading {commit}:{path}")))?;
        }
        Ok(tree
            .iter()
            .map(|entry| String::from_utf8_lossy(entry.name_bytes()).into_owned())
            .collect())
    }

    /// True if `commit` is an ancestor of `tip`.
    pub(in crate::repository) fn is_before(
        self,
        commit: CommitId,
        tip: CommitId,
    ) -> Result<bool, git2::Error> {
        let (tip, commit) = (tip.0.into(), commit.0.into());
        self.git.graph_descendant_of(tip, commit)
    }

    /// The tree of `HEAD`; `None` before the first commit.
    pub(in crate::repository) fn head_tree(
        self,
    ) -> Result<Option<git2::Tree<'repository>>, RepositoryError> {
        self.head_commit()?
            .map(|commit| self.tree(commit))
            .transpose()
    }

    pub(in crate::repository) fn tree(
        self,
        commit: CommitId,
    ) -> Result<git2::Tree<'repository>, RepositoryError> {
        let reading = format!("reading the commit {commit}");
        let found = self.git.find_commit(commit.0.into());
        let tree = found.map_err(RepositoryError::git(&*reading))?.tree_id();
        self.read_or_fetch(tree.into(), &reading, || self.git.find_tree(tree))
    }
}

pub(super) fn kind(entry: &git2::TreeEntry<'_>) -> TreeEntry {
    let id = BlobId(entry.id().into());
    match entry.kind() {
        Some(git2::ObjectType::Tree) => TreeEntry::Directory,
        Some(git2::ObjectType::Commit) => TreeEntry::Submodule,
        _ if entry.filemode() == i32::from(git2::FileMode::Link) => TreeEntry::Symlink(id),
        _ => TreeEntry::File(id),
    }
}
