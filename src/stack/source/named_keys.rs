//! The key that the attributes of a path name. For a commit its own tree decides, for the work tree Git's answer.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::error::SourceError;
use crate::format::KeyName;
use crate::repository::{CommitId, PathBytes, Repository, TreeAttributes};

/// Answers which key is to encrypt a path. A commit's attributes are read when the first path is asked about.
pub(crate) struct NamedKeys<'repository> {
    repository: &'repository Repository,
    commit: Option<CommitId>,
    of_commit: OnceCell<TreeAttributes>,
    /// The answers that Git has given ahead.
    known: RefCell<HashMap<String, Option<KeyName>>>,
}

impl<'repository> NamedKeys<'repository> {
    /// Answers for the tree of `commit`, or for the work tree if there is none.
    pub(crate) fn new(repository: &'repository Repository, commit: Option<CommitId>) -> Self {
        Self {
            repository,
            commit,
            of_commit: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    /// Asks Git about all these paths of the work tree at once, which is faster than one by one. A path about which it gives no
    /// answer now is asked about when its key is wanted.
    pub(crate) fn ask_ahead(&self, paths: impl Iterator<Item = String>) {
        if self.commit.is_some() {
            return;
        }
        // Git gives up at a path that leads out of the repository, and takes a NUL for the end of one.
        let is_plain = |path: &String| {
            let mut parts = path.split('/');
            parts.all(|part| !matches!(part, "" | "." | ".." | ".git")) && !path.contains('\0')
        };
        let paths: Vec<String> = paths.filter(is_plain).collect();
        let asked = paths.iter().map(|path| PathBytes::new(path.as_bytes()));
        let asked: Vec<PathBytes> = asked.collect();
        if let Ok(keys) = self.repository.attributes().keys_in_order(&asked) {
            self.known.borrow_mut().extend(paths.into_iter().zip(keys));
        }
    }

    /// The key that is to encrypt `path`; none if it is to be plaintext.
    pub(crate) fn of(&self, path: &str) -> Result<Option<KeyName>, SourceError> {
        if let Some(known) = self.known.borrow().get(path) {
            return Ok(known.clone());
        }
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
