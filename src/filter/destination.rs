//! Where a filtered file goes.

use std::io::Read;

use crate::repository::RepositoryError;

/// A blob that Git has, read from its beginning.
pub(super) type StoredBlob<'repository> = Box<dyn Read + 'repository>;

/// Where a filtered file goes. Methods are called only if the answer matters, since they may read the repository.
pub trait Destination {
    /// The blobs that Git has there and that may be the encryption of `length` bytes. Some may be encrypted in another
    /// way than this filter does today: with a retired key or a key that is not here, damaged, or of an empty file.
    fn blobs(&self, length: usize) -> Vec<StoredBlob<'_>>;

    /// True if an empty file is stored as an empty blob there.
    fn leaves_empty(&self) -> bool;

    /// True if Git changes line ends in the output of the filter. An error if the attributes can't be read.
    fn converts_line_ends(&self) -> Result<bool, RepositoryError>;
}

/// No particular destination.
impl Destination for () {
    fn blobs(&self, _: usize) -> Vec<StoredBlob<'_>> {
        Vec::new()
    }

    fn leaves_empty(&self) -> bool {
        false
    }

    fn converts_line_ends(&self) -> Result<bool, RepositoryError> {
        Ok(false)
    }
}
