//! The view of a repository's objects, and blobs by their ids.

use std::fmt;

use super::id::ObjectId;
use crate::format::Header;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::GitCommand;

/// The id of a blob: the SHA-1 or SHA-256 of its header and content, as Git computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BlobId(pub(in crate::repository) ObjectId);

/// A blob in memory.
pub(crate) struct Blob<'repository>(git2::Blob<'repository>);

impl BlobId {
    /// The SHA-1 id of a blob with this content, as a fingerprint that is the same in every repository.
    pub(crate) fn of_content(content: &[u8]) -> Self {
        Self(ObjectId::of_blob(content, git2::ObjectFormat::Sha1))
    }

    /// The id of a blob with this content, in the hash format of this id.
    pub(crate) fn with_content(self, content: &[u8]) -> Self {
        Self(ObjectId::of_blob(content, self.0.format()))
    }

    /// True if this is the id of a blob with this content.
    pub(crate) fn is_of(self, content: &[u8]) -> bool {
        self.with_content(content) == self
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Blob<'_> {
    /// The bytes, exactly as Git stores them.
    pub(crate) fn content(&self) -> &[u8] {
        self.0.content()
    }
}

/// The objects of a repository, by their ids or by the names of commits.
#[derive(Clone, Copy)]
pub(crate) struct Objects<'repository> {
    pub(in crate::repository) git: &'repository git2::Repository,
    pub(in crate::repository) program: GitCommand<'repository>,
}

impl<'repository> Objects<'repository> {
    /// The id that a blob with this content has in this repository.
    pub(crate) fn id_of(self, content: &[u8]) -> BlobId {
        BlobId(ObjectId::of_blob(content, self.git.object_format()))
    }

    /// Reads a blob. If a partial clone does not have it, it is fetched.
    pub(crate) fn blob(self, id: BlobId) -> Result<Blob<'repository>, RepositoryError> {
        let reading = format!("reading the blob {id}");
        self.read_or_fetch(id.0, &reading, || self.git.find_blob(id.0.into()))
            .map(Blob)
    }

    /// True if the blob begins with the magic number of encrypted blobs.
    pub(crate) fn is_encrypted(self, id: BlobId) -> Result<bool, RepositoryError> {
        if self.is_long(id) {
            return self.begins_encrypted(id);
        }
        Ok(Header::is_in(self.blob(id)?.content()))
    }

    /// The length of a blob in bytes, without reading it. If a partial clone does not have the blob, it is fetched.
    pub(crate) fn blob_len(self, id: BlobId) -> Result<u64, RepositoryError> {
        let reading = format!("reading the blob {id}");
        let header = || self.git.odb()?.read_header(id.0.into());
        let (length, _) = self.read_or_fetch(id.0, &reading, header)?;
        Ok(length as u64)
    }

    /// Stores a blob with exactly these bytes.
    pub(crate) fn write_blob(self, content: &[u8]) -> Result<BlobId, RepositoryError> {
        self.git
            .blob(content)
            .map(|id| BlobId(id.into()))
            .map_err(RepositoryError::git("storing a blob"))
    }
}

/// Lets libgit2 read objects in this process without verifying their hash, which would take a third of the time. The
/// checksum of the compression still detects a damaged object.
pub(crate) fn trust_stored_ids() {
    git2::opts::strict_hash_verification(false);
}
