//! Why a text is not a recipient.

use thiserror::Error;

/// Why a text is not a recipient.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum RecipientError {
    /// It is a secret key. The message does not repeat it.
    #[error(
        "that is a secret key: give its public half (`age-keygen -y`, or the file ending in .pub)"
    )]
    Secret,
    /// A recipient of an age plugin.
    #[error("{text} belongs to a plugin of age, and only age1… and SSH keys can be used")]
    Plugin {
        /// The recipient.
        text: String,
    },
    /// An SSH key of a type that only signs.
    #[error("SSH keys of the type {kind} can't be encrypted to: only ssh-ed25519 and ssh-rsa can")]
    UnsupportedSsh { kind: String },
    /// An SSH key with a field that is cut off, missing or impossible.
    #[error("that is no recipient: the key after {kind} is cut off or changed")]
    Malformed { kind: String },
    /// An RSA key that is too small to be safe, or larger than any real one.
    #[error("the RSA key is too {size}: 2048 to 4096 bits are good")]
    RsaSize {
        /// `small` or `large`.
        size: &'static str,
    },
    /// Unknown text.
    #[error(
        "`{text}` is no recipient: an age key is age1 and 58 characters more, an SSH key a whole line like `ssh-ed25519 AAAA… name`"
    )]
    Unknown { text: String },
}
