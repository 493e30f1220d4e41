//! GPG keys, used by running the user's own `gpg`.

mod error;
mod listing;
mod program;

pub(crate) use error::GpgError;
pub(crate) use listing::{Fingerprint, PublicKey, Usability, public_keys, secret_fingerprints};
pub(super) use program::Ciphertext;
pub(crate) use program::Gpg;
