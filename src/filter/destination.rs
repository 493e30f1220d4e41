//! Where a filtered file goes.

use std::io::Read;

/// A blob that Git has, to be read from its beginning.
pub(super) type StoredBlob<'repository> = Box<dyn Read + 'repository>;

/// The place that a filtered file goes to. It is asked only where the answer matters.
pub trait Destination {
    /// The blobs that Git has there and that may be `length` bytes, encrypted in another way than today: with a key that
    /// was rotated out or is not here, damaged, or an empty file.
    fn blobs(&self, length: usize) -> Vec<StoredBlob<'_>>;

    /// True if an empty file is to be stored empty.
    fn leaves_empty(&self) -> bool;

    /// True if Git changes the line ends of what comes out of the filter.
    fn converts_line_ends(&self) -> bool;
}

/// No place in particular.
impl Destination for () {
    fn blobs(&self, _: usize) -> Vec<StoredBlob<'_>> {
        Vec::new()
    }

    fn leaves_empty(&self) -> bool {
        false
    }

    fn converts_line_ends(&self) -> bool {
        false
    }
}
