//! The files below a folder of a commit.

use std::path::Path;

use super::blobs::{BlobId, Objects};
use super::revision::CommitId;
use crate::repository::error::RepositoryError;
use crate::repository::path::PathBytes;

impl Objects<'_> {
    /// The files below `directory` in `commit`, or in the last commit.
    pub(crate) fn files_below(
        self,
        commit: Option<CommitId>,
        directory: &Path,
    ) -> Result<Vec<(PathBytes, BlobId)>, RepositoryError> {
        let mut files = Vec::new();
        let reading = || RepositoryError::git(format!("reading {}", directory.display()));
        let tree = match commit {
            Some(commit) => Some(self.tree(commit)?),
            None => self.head_tree()?,
        };
        let Some(tree) = tree else {
            return Ok(files);
        };
        let subtree = match tree.get_path(directory) {
            Ok(entry) => entry.to_object(self.git).map_err(reading())?,
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(files),
            Err(error) => return Err(reading()(error)),
        };
        let Ok(subtree) = subtree.into_tree() else {
            return Ok(files);
        };
        let prefix = directory.as_os_str().as_encoded_bytes();
        subtree
            .walk(git2::TreeWalkMode::PreOrder, |parents, entry| {
                if entry.kind() == Some(git2::ObjectType::Blob) {
                    let path = [prefix, b"/", parents.as_bytes(), entry.name_bytes()].concat();
                    files.push((PathBytes::new(path), BlobId(entry.id().into())));
                }
                git2::TreeWalkResult::Ok
            })
            .map_err(reading())?;
        Ok(files)
    }
}
