//! Public keys, as types of the crate age.

use std::fmt;

use age::ssh::ParseRecipientKeyError;

use super::file::{guarded, seal};
use crate::keyring::people::age::error::AgeError;
use crate::keyring::people::age::recipient_error::RecipientError;
use crate::secret::SecretBytes;

/// A public key for which a file can be sealed.
#[derive(Debug, Clone)]
pub(crate) enum PublicHalf {
    X25519(age::x25519::Recipient),
    Ssh(age::ssh::Recipient),
}

impl PublicHalf {
    /// Reads a public key of age.
    pub(crate) fn of_age(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::X25519)
    }

    /// Reads an SSH public key. The error is the reason, if it is known.
    pub(crate) fn of_ssh(text: &str) -> Result<Self, Option<RecipientError>> {
        let key = guarded(|| text.parse::<age::ssh::Recipient>());
        match key {
            Some(Ok(key)) => Ok(Self::Ssh(key)),
            Some(Err(error)) => Err(refusal(error)),
            None => Err(None),
        }
    }

    /// Seals `content` so that the secret half opens it.
    pub(crate) fn seal(&self, content: &SecretBytes) -> Result<Vec<u8>, AgeError> {
        match self {
            Self::X25519(key) => seal(content, &[key]),
            Self::Ssh(key) => seal(content, &[key]),
        }
    }
}

impl fmt::Display for PublicHalf {
    /// Writes the key as age and OpenSSH do, without a comment.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::X25519(key) => key.fmt(formatter),
            Self::Ssh(key) => key.fmt(formatter),
        }
    }
}

fn refusal(error: ParseRecipientKeyError) -> Option<RecipientError> {
    match error {
        ParseRecipientKeyError::RsaModulusTooSmall => {
            Some(RecipientError::RsaSize { size: "small" })
        }
        ParseRecipientKeyError::RsaModulusTooLarge => {
            Some(RecipientError::RsaSize { size: "large" })
        }
        ParseRecipientKeyError::Unsupported(kind) => Some(RecipientError::UnsupportedSsh { kind }),
        _ => None,
    }
}
