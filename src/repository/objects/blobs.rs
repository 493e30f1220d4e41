//! The object store: blobs by their ids.

use std::fmt;

use crate::format::Header;
use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;

/// The id of a blob: the SHA-1 of its header and content, as Git computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId(pub(in crate::repository) git2::Oid);

/// The content of a blob, as it lies in memory.
pub struct Blob<'repository>(git2::Blob<'repository>);

impl BlobId {
    pub(in crate::repository) fn new(id: git2::Oid) -> Self {
        Self(id)
    }

    /// The id that Git would give a blob of this content.
    pub fn of_content(content: &[u8]) -> Self {
        Self(
            git2::Oid::hash_object(git2::ObjectType::Blob, content)
                .expect("hashing bytes in memory can't fail"),
        )
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Blob<'_> {
    /// Its bytes, exactly as Git stores them.
    pub fn content(&self) -> &[u8] {
        self.0.content()
    }
}

impl Repository {
    /// Lets this process read objects without hashing each again, which would take a third of the time. The checksum of the
    /// compression still finds a damaged object.
    pub fn trust_stored_ids() {
        git2::opts::strict_hash_verification(false);
    }

    /// Reads a blob.
    pub fn blob(&self, id: BlobId) -> Result<Blob<'_>, RepositoryError> {
        self.git
            .find_blob(id.0)
            .map(Blob)
            .map_err(RepositoryError::git(format!("reading the blob {id}")))
    }

    /// True if the blob begins as encrypted ones do. A blob that a partial clone lacks is an error.
    pub fn is_encrypted(&self, id: BlobId) -> Result<bool, RepositoryError> {
        Ok(Header::is_in(self.blob(id)?.content()))
    }
}
