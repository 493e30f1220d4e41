//! A key in the key store, with this clone's memory of it.

use crate::format::KeyFile;
use crate::keyring::trust::{Memory, MemoryError};

/// A key in the key store, with this clone's memory of it.
pub(super) struct HeldKey {
    pub key: KeyFile,
    pub memory: Memory,
    /// Why the stored memory can't be used. If this is set, `memory` is a new one.
    pub unusable: Option<MemoryError>,
}
