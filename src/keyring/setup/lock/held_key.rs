//! A key in the key store, with what this clone remembers of it.

use crate::format::KeyFile;
use crate::keyring::trust::{Memory, MemoryError};

/// A key in the key store, with what this clone remembers of it.
pub(super) struct HeldKey {
    pub key: KeyFile,
    pub memory: Memory,
    /// Why the memory that was there can't be used. The one here is made anew.
    pub unusable: Option<MemoryError>,
}
