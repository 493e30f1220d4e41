//! The key that the attributes of a path require. For a commit, its own tree is read; for the work tree, Git is asked.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::error::SourceError;
use crate::format::KeyName;
use crate::repository::{CommitId, PathBytes, Repository, TreeAttributes};

/// Finds out which key must encrypt a path. A commit's attributes are read when they are first needed.
pub(crate) struct NamedKeys<'repository> {
    repository: &'repository Repository,
    commit: Option<CommitId>,
    of_commit: OnceCell<TreeAttributes>,
    /// The answers that Git has given to [`NamedKeys::ask_ahead`].
    known: RefCell<HashMap<String, Option<KeyName>>>,
}

impl<'repository> NamedKeys<'repository> {
    /// Reads the attributes in the tree of `commit`. `None` stands for the work tree.
    pub(crate) fn new(repository: &'repository Repository, commit: Option<CommitId>) -> Self {
        Self {
            repository,
            commit,
            of_commit: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    /// Asks Git about all these paths of the work tree at once, which is faster than one by one. A path that gets no answer
    /// here is asked about again when its key is needed.
    pub(crate) fn ask_ahead(&self, paths: impl Iterator<Item = String>) {
        if self.commit.is_some() {
            return;
        }
        // Git aborts on a path that leads out of the repository. A NUL would end the path on Git's stdin.
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

    /// The key that must encrypt `path`. `None` if the file must be plaintext.
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
