//! Why a text is no recipient.

use thiserror::Error;

/// Why a text is no recipient.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum RecipientError {
    /// It is the secret half, which is not repeated here.
    #[error(
        "that is a secret key: give its public half (`age-keygen -y`, or the file ending in .pub)"
    )]
    Secret,
    /// A recipient that needs a program of its own.
    #[error("{text} belongs to a plugin of age, and only age1… and SSH keys can be used")]
    Plugin {
        /// The recipient.
        text: String,
    },
    /// An SSH key of a type that only signs.
    #[error("SSH keys of the type {kind} can't be encrypted to: only ssh-ed25519 and ssh-rsa can")]
    UnsupportedSsh {
        /// Its type.
        kind: String,
    },
    /// An SSH key with a field that is cut off, missing, or a number that can't be.
    #[error("that is no recipient: the key after {kind} is cut off or changed")]
    Malformed {
        /// Its type.
        kind: String,
    },
    /// An RSA key that is too small to be safe, or too large to be true.
    #[error("the RSA key is too {size}: 2048 to 4096 bits are good")]
    RsaSize {
        /// `small` or `large`.
        size: &'static str,
    },
    /// Text that is nothing known.
    #[error(
        "`{text}` is no recipient: an age key is age1 and 58 characters more, an SSH key a whole line like `ssh-ed25519 AAAA… name`"
    )]
    Unknown {
        /// The text given.
        text: String,
    },
}
