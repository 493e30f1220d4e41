//! Objects that a partial clone does not have, fetched when they are needed.

use super::blobs::{BlobId, Objects};
use super::id::ObjectId;
use super::revision::CommitId;
use crate::repository::error::{RepositoryError, is_missing_object};
use crate::repository::git::configuration::Configuration;
use crate::repository::git::program::run_with_input;

impl<'repository> Objects<'repository> {
    /// True if this clone has the blob.
    pub(crate) fn has_blob(self, id: BlobId) -> Result<bool, RepositoryError> {
        self.has(id.0)
    }

    /// In a partial clone, fetches those of `blobs` that are missing, all at once. An error of fetching is reported
    /// later, when the blob is read.
    pub(crate) fn fetch_blobs(
        self,
        blobs: impl Iterator<Item = BlobId>,
    ) -> Result<(), RepositoryError> {
        if self.is_partial()? {
            self.fetch(blobs.map(|blob| blob.0))?;
        }
        Ok(())
    }

    /// In a partial clone, fetches those trees of `commits` that are missing, all at once. Git sends their subtrees, too.
    pub(in crate::repository) fn fetch_trees(
        self,
        commits: &[CommitId],
    ) -> Result<(), RepositoryError> {
        if self.is_partial()? {
            let commits = commits.iter();
            let found = commits.filter_map(|commit| self.git.find_commit(commit.0.into()).ok());
            let trees: Vec<ObjectId> = found.map(|commit| commit.tree_id().into()).collect();
            self.fetch(trees.into_iter())?;
        }
        Ok(())
    }

    /// Reads the object `id` with `read`. If a partial clone does not have it, git fetches it first.
    pub(super) fn read_or_fetch<Object>(
        self,
        id: ObjectId,
        doing: &str,
        read: impl Fn() -> Result<Object, git2::Error>,
    ) -> Result<Object, RepositoryError> {
        match read() {
            Err(error) if is_missing_object(&error) && self.is_partial()? => {
                match self.fetch(std::iter::once(id))? {
                    None => read().map_err(RepositoryError::git(doing)),
                    Some(reason) => {
                        let doing = doing.to_owned();
                        Err(RepositoryError::NotFetched { doing, reason })
                    }
                }
            }
            outcome => outcome.map_err(RepositoryError::git(doing)),
        }
    }

    /// True for a partial clone, which fetches objects only when they are needed.
    pub(crate) fn is_partial(self) -> Result<bool, RepositoryError> {
        let settings = Configuration {
            git: self.git,
            program: self.program,
        };
        settings.has_promisor()
    }

    /// Makes git fetch those of `objects` that are missing. Returns the reason if that fails.
    fn fetch(
        self,
        objects: impl Iterator<Item = ObjectId>,
    ) -> Result<Option<String>, RepositoryError> {
        let mut failed = self.program.failed_fetch.reason();
        if failed.is_some() {
            return Ok(failed.clone());
        }
        let mut missing = Vec::new();
        for object in objects {
            if !self.has(object)? {
                missing.extend_from_slice(format!("{object}\n").as_bytes());
            }
        }
        if missing.is_empty() {
            return Ok(None);
        }
        // Most commands make Git fetch objects one by one. `pack-objects` fetches all objects of its input at once.
        let mut command = self.program.command("pack-objects");
        command.args(["--quiet", "--window=0", "--stdout"]);
        match run_with_input("pack-objects", &mut command, missing) {
            Ok(()) => Ok(None),
            Err(RepositoryError::GitProgram { reason, .. }) => {
                let reason = reason.strip_prefix("fatal: ").unwrap_or(&reason);
                *failed = Some(reason.to_owned());
                Ok(failed.clone())
            }
            Err(error) => Err(error),
        }
    }

    fn has(self, id: ObjectId) -> Result<bool, RepositoryError> {
        let objects = self.git.odb();
        let reading = RepositoryError::git("reading the object store");
        Ok(objects.map_err(reading)?.exists(id.into()))
    }
}
