//! Keys of age and of SSH: sealing and opening with them, and with passphrases.

mod identity;
mod passphrase;
mod recipient;
mod recipient_error;
mod sealing;
mod ssh_public_key;

pub(super) use identity::open_with_identities;
pub(crate) use identity::{AgeIdentity, IdentityError, read_identities};
pub(super) use passphrase::{open_with_passphrase, seal_with_passphrase};
pub(crate) use recipient::{AgeId, AgeRecipient};
pub(crate) use recipient_error::RecipientError;
pub(crate) use sealing::AgeError;
pub(super) use sealing::{AskPassphrase, Passphrase, is_sealed, seal, wants_passphrase};
