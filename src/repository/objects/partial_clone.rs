//! Blobs that a partial clone has left out, until they are needed.

use super::blobs::{BlobId, Objects};
use crate::repository::error::RepositoryError;
use crate::repository::git::configuration::Configuration;
use crate::repository::git::program::run_with_input;

impl<'repository> Objects<'repository> {
    /// True if the blob is in this clone.
    pub(crate) fn has_blob(self, id: BlobId) -> Result<bool, RepositoryError> {
        let objects = self.git.odb();
        let reading = RepositoryError::git("reading the object store");
        Ok(objects.map_err(reading)?.exists(id.0.into()))
    }

    /// Lets git fetch those of `blobs` that this clone lacks, if it is a partial one. A blob that can't be fetched is reported
    /// when it is read.
    pub(crate) fn fetch_blobs(
        self,
        blobs: impl Iterator<Item = BlobId>,
    ) -> Result<(), RepositoryError> {
        if !self.is_partial()? {
            return Ok(());
        }
        let mut missing = Vec::new();
        for blob in blobs {
            if !self.has_blob(blob)? {
                missing.extend_from_slice(format!("{blob}\n").as_bytes());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut command = self.program.command("cat-file");
        run_with_input("cat-file", command.arg("--batch-check"), missing)
    }

    /// True if objects are left out until they are needed: a partial clone.
    pub(crate) fn is_partial(self) -> Result<bool, RepositoryError> {
        let settings = Configuration {
            git: self.git,
            program: self.program,
        };
        settings.has_promisor()
    }
}
