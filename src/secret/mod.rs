//! Keys and plaintext in memory: they are wiped after use and can't be printed.

mod bytes;
mod core_dumps;
mod wiping;

pub use bytes::SecretBytes;
pub(crate) use core_dumps::forbid_core_dumps;
pub use wiping::{wipe, wipe_stack};
