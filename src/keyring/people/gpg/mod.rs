//! Keys of GPG, by way of the user's own `gpg`.

mod listing;
mod program;

pub(crate) use listing::{Fingerprint, PublicKey, Usability, public_keys, secret_fingerprints};
pub(super) use program::Ciphertext;
pub(crate) use program::{Gpg, GpgError};
