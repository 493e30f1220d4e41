//! The destination of a filtered file in the repository.

use std::cell::OnceCell;
use std::io::Cursor;

use super::Destination;
use super::destination::StoredBlob;
use super::spool::MAXIMUM_HELD;
use crate::format::{Header, KeyFile, KeyName};
use crate::repository::{BlobId, Encryption, PathBytes, Repository, RepositoryError};

/// The repository for all files of one Git command, opened on first use.
#[derive(Default)]
pub(crate) struct RepositoryOnDemand(OnceCell<Repository>);

/// The destination of a file in a repository. If the repository can't be read, the file is encrypted as usual.
pub(crate) struct InRepository<'run> {
    repository: &'run RepositoryOnDemand,
    whereabouts: Whereabouts,
}

/// How much Git has told about the destination.
enum Whereabouts {
    Path(PathBytes),
    /// Only that the file is encrypted with this key.
    AnyPathOf(KeyName),
}

impl RepositoryOnDemand {
    fn opened(&self) -> Result<&Repository, RepositoryError> {
        if let Some(repository) = self.0.get() {
            return Ok(repository);
        }
        let repository = Repository::of_calling_git()?;
        Ok(self.0.get_or_init(|| repository))
    }
}

impl<'run> InRepository<'run> {
    /// The destination of the file at `path`.
    pub(crate) fn at(repository: &'run RepositoryOnDemand, path: &[u8]) -> Self {
        Self {
            repository,
            whereabouts: Whereabouts::Path(PathBytes::new(path)),
        }
    }

    /// The destination of a file that is encrypted with `keys`, if Git does not tell its path.
    pub(crate) fn of_any_file(repository: &'run RepositoryOnDemand, keys: &KeyFile) -> Self {
        Self {
            repository,
            whereabouts: Whereabouts::AnyPathOf(keys.name().clone()),
        }
    }

    /// The entries of the index that can be this file, and whose blobs have `length` bytes.
    fn entries(
        &self,
        repository: &Repository,
        length: usize,
    ) -> Result<Vec<(PathBytes, BlobId)>, RepositoryError> {
        // A blob that a partial clone does not have is skipped: `git add` should not need the network.
        let has_length = |blob: BlobId| {
            let objects = repository.objects();
            let is_here = objects.has_blob(blob).unwrap_or(false);
            is_here
                && objects
                    .blob_len(blob)
                    .is_ok_and(|stored| stored == length as u64)
        };
        match &self.whereabouts {
            Whereabouts::Path(path) => {
                let staged = repository.index().staged_blob(path)?;
                let staged = staged.filter(|id| has_length(*id));
                Ok(staged.map(|id| (path.clone(), id)).into_iter().collect())
            }
            Whereabouts::AnyPathOf(_) => {
                let mut entries = repository.index().entries()?;
                entries.retain(|entry| has_length(entry.blob));
                let found = entries.into_iter().map(|entry| (entry.path, entry.blob));
                Ok(found.collect())
            }
        }
    }

    fn blobs_in(&self, length: usize) -> Result<Vec<StoredBlob<'_>>, RepositoryError> {
        let repository = self.repository.opened()?;
        let mut blobs: Vec<StoredBlob<'_>> = Vec::new();
        for (_, id) in self.entries(repository, length + Header::LEN)? {
            let objects = repository.objects();
            blobs.push(if length > MAXIMUM_HELD {
                Box::new(objects.open_blob(id)?)
            } else {
                Box::new(Cursor::new(objects.blob(id)?.content().to_vec()))
            });
        }
        Ok(blobs)
    }

    fn leaves_empty_in(&self) -> Result<bool, RepositoryError> {
        let repository = self.repository.opened()?;
        let paths = match &self.whereabouts {
            Whereabouts::Path(path) => vec![path.clone()],
            Whereabouts::AnyPathOf(_) => {
                let empty = self.entries(repository, 0)?;
                empty.into_iter().map(|(path, _)| path).collect()
            }
        };
        let leaves_empty = |encryption: Encryption| {
            let may_be_this_file = match &self.whereabouts {
                Whereabouts::Path(_) => true,
                Whereabouts::AnyPathOf(key) => encryption.key == *key,
            };
            encryption.plain_when_empty && may_be_this_file
        };
        let encryptions = repository.attributes().encryptions(&paths)?;
        Ok(encryptions.into_iter().flatten().any(leaves_empty))
    }
}

impl Destination for InRepository<'_> {
    fn blobs(&self, length: usize) -> Vec<StoredBlob<'_>> {
        self.blobs_in(length).unwrap_or_default()
    }

    fn leaves_empty(&self) -> bool {
        self.leaves_empty_in().unwrap_or(false)
    }

    fn converts_line_ends(&self) -> Result<bool, RepositoryError> {
        let Whereabouts::Path(path) = &self.whereabouts else {
            return Ok(false);
        };
        let encryption = self.repository.opened()?.attributes().encryption_of(path)?;
        Ok(encryption.is_some_and(|encryption| encryption.line_ends_converted))
    }
}
