//! Where a file goes that Git lets us clean.

use std::cell::OnceCell;

use super::Context;
use crate::failure::Failure;
use crate::filter::Before;
use crate::format::{Header, KeyFile, KeyName};
use crate::repository::{BlobId, Encryption, PathBytes, Repository, RepositoryError};

/// The repository of all the files of one Git command, opened when it is first asked about one of them.
pub(super) struct Surroundings<'run> {
    context: &'run Context,
    repository: OnceCell<Repository>,
}

impl<'run> Surroundings<'run> {
    pub(super) fn of(context: &'run Context) -> Self {
        let repository = OnceCell::new();
        Self {
            context,
            repository,
        }
    }

    fn repository(&self) -> Result<&Repository, Failure> {
        if let Some(repository) = self.repository.get() {
            return Ok(repository);
        }
        let repository = self.context.repository()?;
        Ok(self.repository.get_or_init(|| repository))
    }
}

/// Where a file goes that Git lets us clean: a path, or, where it does not say which, any of this key. What can't be
/// looked up is encrypted as ever.
pub(super) struct Place<'run> {
    surroundings: &'run Surroundings<'run>,
    path: Result<PathBytes, KeyName>,
}

impl<'run> Place<'run> {
    pub(super) fn at(surroundings: &'run Surroundings<'run>, path: &[u8]) -> Self {
        let path = Ok(PathBytes::new(path));
        Self { surroundings, path }
    }

    pub(super) fn anywhere(surroundings: &'run Surroundings<'run>, keys: &KeyFile) -> Self {
        let path = Err(keys.name().clone());
        Self { surroundings, path }
    }

    /// The entries of the index that it may be.
    fn entries(
        &self,
        repository: &Repository,
        length: usize,
    ) -> Result<Vec<(PathBytes, BlobId)>, RepositoryError> {
        match &self.path {
            Ok(path) => {
                let staged = repository.staged_blob(path)?;
                Ok(staged.map(|id| (path.clone(), id)).into_iter().collect())
            }
            Err(_) => {
                let mut entries = repository.index_entries()?;
                entries.retain(|entry| {
                    let stored = repository.blob_len(entry.blob);
                    stored.is_ok_and(|stored| stored == length as u64)
                });
                let found = entries.into_iter().map(|entry| (entry.path, entry.blob));
                Ok(found.collect())
            }
        }
    }

    fn blobs_here(&self, length: usize) -> Result<Vec<Vec<u8>>, Failure> {
        let repository = self.surroundings.repository()?;
        let mut blobs = Vec::new();
        for (_, id) in self.entries(repository, length + Header::LEN)? {
            blobs.push(repository.blob(id)?.content().to_vec());
        }
        Ok(blobs)
    }

    fn leaves_empty_here(&self) -> Result<bool, Failure> {
        let repository = self.surroundings.repository()?;
        let paths = match &self.path {
            Ok(path) => vec![path.clone()],
            Err(_) => {
                let empty = self.entries(repository, 0)?;
                empty.into_iter().map(|(path, _)| path).collect()
            }
        };
        let left = |encryption: Encryption| {
            let ours = |name: &KeyName| encryption.key == *name;
            encryption.plain_when_empty && self.path.as_ref().err().is_none_or(ours)
        };
        let encryptions = repository.encryptions(&paths)?;
        Ok(encryptions.into_iter().flatten().any(left))
    }
}

impl Before for Place<'_> {
    fn blobs(&self, length: usize) -> Vec<Vec<u8>> {
        self.blobs_here(length).unwrap_or_default()
    }

    fn leaves_empty(&self) -> bool {
        self.leaves_empty_here().unwrap_or(false)
    }

    fn converts_line_ends(&self) -> bool {
        let repository = self.surroundings.repository().ok();
        let path = self.path.as_ref().ok();
        let encryption = repository
            .zip(path)
            .and_then(|(repository, path)| repository.encryption_of(path).ok()?);
        encryption.is_some_and(|encryption| encryption.line_ends_converted)
    }
}
