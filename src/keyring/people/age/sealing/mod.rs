//! Sealing and opening by the crate age. Nothing outside of this folder names it.
//!
//! `file` has the format, `public_half` and `identity` the halves of a key, `passphrase` what takes their place.

mod file;
mod identity;
mod passphrase;
mod public_half;

pub(crate) use file::wants_passphrase;
pub(crate) use identity::{AgeIdentity, open_with_identities, read_identities};
pub(crate) use passphrase::{open_with_passphrase, seal_with_passphrase};
pub(crate) use public_half::PublicHalf;
