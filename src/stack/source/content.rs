//! The content of a file. Ciphertext is decrypted only when its plaintext is needed.

use std::fmt;
use std::sync::Arc;

use crate::format::{Header, KeyName};
use crate::secret::SecretBytes;

/// The content of a file: plaintext, or ciphertext with the name of the key that its attributes require. Clones share one
/// copy.
#[derive(Clone)]
pub struct HeldContent(Arc<Held>);

/// The content in one of its two forms.
pub(crate) enum Held {
    /// Ciphertext, header included.
    Encrypted { blob: SecretBytes, key: KeyName },
    /// Plaintext.
    Plain(SecretBytes),
}

impl HeldContent {
    /// Content that is plaintext.
    pub(crate) fn plain(content: SecretBytes) -> Self {
        Self(Arc::new(Held::Plain(content)))
    }

    /// Content that is ciphertext, which only this key may decrypt.
    pub(crate) fn encrypted(blob: SecretBytes, key: KeyName) -> Self {
        Self(Arc::new(Held::Encrypted { blob, key }))
    }

    pub(crate) fn held(&self) -> &Held {
        &self.0
    }
}

impl Held {
    /// The length of the plaintext in bytes.
    pub(crate) fn plaintext_length(&self) -> u64 {
        let length = match self {
            Self::Encrypted { blob, .. } => blob.len() - Header::LEN,
            Self::Plain(content) => content.len(),
        };
        length as u64
    }
}

impl PartialEq for HeldContent {
    fn eq(&self, other: &Self) -> bool {
        let is_equal = match (self.held(), other.held()) {
            (Held::Plain(one), Held::Plain(other)) => equal(one, other),
            (
                Held::Encrypted { blob, key },
                Held::Encrypted {
                    blob: other_blob,
                    key: other_key,
                },
            ) => key == other_key && equal(blob, other_blob),
            _ => false,
        };
        Arc::ptr_eq(&self.0, &other.0) || is_equal
    }
}

impl Eq for HeldContent {}

impl fmt::Debug for HeldContent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HeldContent(..)")
    }
}

/// True if both hold the same bytes.
pub(crate) fn equal(one: &SecretBytes, other: &SecretBytes) -> bool {
    one.len() == other.len()
        && one
            .expose_chunks()
            .flatten()
            .eq(other.expose_chunks().flatten())
}
