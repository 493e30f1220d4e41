//! The key that the attributes of a path name. For a commit its own tree decides, for the work tree Git's answer.

use std::cell::OnceCell;

use super::error::SourceError;
use crate::format::KeyName;
use crate::repository::{CommitId, PathBytes, Repository, TreeAttributes};

/// Answers which key is to encrypt a path. A commit's attributes are read when the first path is asked about.
pub(crate) struct NamedKeys<'repository> {
    repository: &'repository Repository,
    commit: Option<CommitId>,
    of_commit: OnceCell<TreeAttributes>,
}

impl<'repository> NamedKeys<'repository> {
    /// Answers for the tree of `commit`, or for the work tree if there is none.
    pub(crate) fn new(repository: &'repository Repository, commit: Option<CommitId>) -> Self {
        Self {
            repository,
            commit,
            of_commit: OnceCell::new(),
        }
    }

    /// The key that is to encrypt `path`; none if it is to be plaintext.
    pub(crate) fn of(&self, path: &str) -> Result<Option<KeyName>, SourceError> {
        let path = PathBytes::new(path.as_bytes());
        let attributes = self.repository.attributes();
        let encryption = match self.commit {
            None => attributes.encryption_of(&path)?,
            Some(commit) => {
                let of_commit = match self.of_commit.get() {
                    Some(of_commit) => of_commit,
                    None => {
                        let read = attributes.of_commit(commit)?;
                        self.of_commit.get_or_init(|| read)
                    }
                };
                of_commit.encryption_of(&path)?
            }
        };
        Ok(encryption.map(|encryption| encryption.key))
    }
}
