//! Age and SSH keys: sealing and opening with them, and with passphrases.
//!
//! Only `sealing` uses the crate age. In a build without the feature `age`, `left_out` replaces it.

mod asking;
mod beginning;
#[cfg_attr(
    not(feature = "age"),
    expect(dead_code, reason = "most of it happens with age alone")
)]
mod error;
mod recipient;
#[cfg_attr(
    not(feature = "age"),
    expect(dead_code, reason = "the crate age finds out some of it")
)]
mod recipient_error;
#[cfg_attr(not(feature = "age"), path = "left_out.rs")]
mod sealing;
mod ssh_public_key;

pub(super) use asking::{AskPassphrase, Passphrase};
pub(super) use beginning::is_sealed;
pub(crate) use error::{AgeError, IdentityError};
pub(crate) use recipient::{AgeId, AgeRecipient};
pub(crate) use recipient_error::RecipientError;
pub(crate) use sealing::{AgeIdentity, read_identities};
pub(super) use sealing::{
    open_with_identities, open_with_passphrase, seal_with_passphrase, wants_passphrase,
};

/// True if this build has age.
pub(crate) const AGE_IS_BUILT_IN: bool = cfg!(feature = "age");
