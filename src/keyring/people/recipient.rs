//! Recipients: public keys, of GPG or age, for which a key can be wrapped.

use std::fmt;

use super::age::AgeRecipient;
use super::collaborators::CollaboratorError;
use super::gpg::{Gpg, PublicKey};
use super::holder::Holder;
use crate::secret::SecretBytes;

/// A public key, with the name of its owner.
#[derive(Debug, Clone)]
pub(crate) enum Recipient {
    /// A key of the user's GPG keyring.
    Gpg(PublicKey),
    /// A key of age or SSH.
    Age(AgeRecipient),
}

/// The means to wrap a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrapper<'gpg> {
    /// The user's GPG.
    pub gpg: &'gpg Gpg,
    /// True if GPG keys need not be certified to belong to their owners.
    pub trusted: bool,
}

impl Recipient {
    /// The holder, who can open what is wrapped for this recipient.
    pub(crate) fn holder(&self) -> Holder {
        match self {
            Self::Gpg(key) => Holder::Gpg(key.fingerprint.clone()),
            Self::Age(recipient) => Holder::Age(recipient.id()),
        }
    }

    /// The owner's name.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Gpg(key) => Some(key.user_id.as_str()).filter(|name| !name.is_empty()),
            Self::Age(recipient) => recipient.name(),
        }
    }

    /// The public key itself for age and SSH, or the fingerprint for GPG.
    pub(crate) fn public_key(&self) -> String {
        match self {
            Self::Gpg(key) => format!("gpg:{}", key.fingerprint),
            Self::Age(recipient) => recipient.text().to_owned(),
        }
    }

    /// A short form that distinguishes the key from others.
    pub(crate) fn short(&self) -> String {
        match self {
            Self::Gpg(key) => key.fingerprint.to_string(),
            Self::Age(recipient) => recipient.short(),
        }
    }

    /// Wraps a key file so that only this recipient can open it.
    pub(crate) fn wrap(
        &self,
        key: &SecretBytes,
        wrapper: Wrapper<'_>,
    ) -> Result<Vec<u8>, CollaboratorError> {
        match self {
            Self::Gpg(public) => {
                Ok(wrapper
                    .gpg
                    .encrypt(key, &public.fingerprint, wrapper.trusted)?)
            }
            Self::Age(recipient) => Ok(recipient.seal(key)?),
        }
    }

    /// The content of the file beside the wrapped key; `None` for GPG.
    pub(crate) fn beside(&self) -> Option<Vec<u8>> {
        match self {
            Self::Gpg(_) => None,
            Self::Age(recipient) => Some(recipient.to_list().into_bytes()),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gpg(key) => write!(formatter, "{} {}", key.fingerprint, key.user_id),
            Self::Age(recipient) => recipient.fmt(formatter),
        }
    }
}
