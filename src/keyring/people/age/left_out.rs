//! Replaces `sealing` in a build without the feature `age`: public keys are recognised by their form, but nothing can
//! be sealed or opened.

use std::fmt;
use std::path::Path;

use super::asking::{AskPassphrase, Passphrase};
use super::error::{AgeError, IdentityError};
use super::recipient::AgeId;
use super::recipient_error::RecipientError;
use super::ssh_public_key::can_decrypt;
use crate::secret::SecretBytes;

/// How many characters follow `age1` in a public key of age.
const AFTER_AGE1: usize = 58;
/// The alphabet of these characters (Bech32).
const OF_AGE: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

pub(crate) use self::{KeyText as PublicHalf, NoIdentity as AgeIdentity};

/// A secret key. Without age there is none, so this type has no values.
pub(crate) enum NoIdentity {}

impl NoIdentity {
    pub(crate) fn id(&self) -> &AgeId {
        match *self {}
    }

    pub(crate) fn open(&self, _: &[u8]) -> Result<SecretBytes, AgeError> {
        match *self {}
    }
}

/// Always fails.
pub(crate) fn read_identities(
    _: &Path,
    _: AskPassphrase,
) -> Result<Vec<AgeIdentity>, IdentityError> {
    Err(IdentityError::LeftOut)
}

/// The text of a public key, of which only the form was checked.
#[derive(Debug, Clone)]
pub(crate) struct KeyText(String);

impl KeyText {
    /// Reads a public key of age. The checksum is not verified, so a changed character is not noticed.
    pub(crate) fn of_age(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("age1")?;
        let is_key = rest.len() == AFTER_AGE1 && rest.chars().all(|one| OF_AGE.contains(one));
        is_key.then(|| Self(text.to_owned()))
    }

    /// Reads an SSH public key. The caller has checked its fields.
    pub(crate) fn of_ssh(text: &str) -> Result<Self, Option<RecipientError>> {
        let mut words = text.split_whitespace();
        match (words.next(), words.next()) {
            (Some(kind), Some(digits)) if can_decrypt(kind) => Ok(Self(format!("{kind} {digits}"))),
            _ => Err(None),
        }
    }

    pub(crate) fn seal(&self, _: &SecretBytes) -> Result<Vec<u8>, AgeError> {
        Err(AgeError::LeftOut)
    }
}

impl fmt::Display for KeyText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

pub(crate) fn seal_with_passphrase(_: &SecretBytes, _: Passphrase) -> Result<Vec<u8>, AgeError> {
    Err(AgeError::LeftOut)
}

/// Fails at once, so that nobody is asked for a passphrase in vain.
pub(crate) fn wants_passphrase(_: &[u8]) -> Result<bool, AgeError> {
    Err(AgeError::LeftOut)
}

pub(crate) fn open_with_passphrase(
    _: &[u8],
    _: &str,
    _: AskPassphrase,
) -> Result<SecretBytes, AgeError> {
    Err(AgeError::LeftOut)
}

pub(crate) fn open_with_identities(_: &[u8], _: &[AgeIdentity]) -> Result<SecretBytes, AgeError> {
    Err(AgeError::LeftOut)
}
