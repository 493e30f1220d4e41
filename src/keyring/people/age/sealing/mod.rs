//! Sealing and opening with the crate age, which only this folder uses.
//!
//! `file` handles the format, `public_half` and `identity` the halves of a key, `passphrase` files without keys.

mod file;
mod identity;
mod passphrase;
mod public_half;

pub(crate) use file::wants_passphrase;
pub(crate) use identity::{AgeIdentity, open_with_identities, read_identities};
pub(crate) use passphrase::{open_with_passphrase, seal_with_passphrase};
pub(crate) use public_half::PublicHalf;
