//! Why an age file, or a key for it, can't be used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file could not be sealed (encrypted with age) or opened.
#[derive(Debug, Error)]
pub(crate) enum AgeError {
    /// This build has no age.
    #[error("this hs-secrets was built without age, which that needs")]
    LeftOut,
    /// There is no terminal to ask for a passphrase.
    #[error("a passphrase is needed, and there is no terminal to ask for it")]
    NobodyToAsk,
    /// The passphrase does not open the file.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The file was sealed for other people.
    #[error("sealed for others: none of your identities opens it")]
    NotForYou,
    /// The file demands so much work for a passphrase that it must be an attack.
    #[error("trying a passphrase would take 2^{required} steps, more than can be honest")]
    TooMuchWork {
        /// The base-2 logarithm of the number of scrypt steps.
        required: u8,
    },
    /// The file is cut off, changed, or in a newer format.
    #[error("a damaged age file, or one of a newer format: {reason}")]
    Damaged {
        /// The defect, in age's words.
        reason: String,
    },
    /// age refused to seal.
    #[error("sealing it failed: {reason}")]
    NotSealed {
        /// Why, in age's words.
        reason: String,
    },
}

/// Why a file with identities (secret keys) can't be used.
#[derive(Debug, Error)]
pub(crate) enum IdentityError {
    /// This build has no age.
    #[cfg_attr(
        feature = "age",
        expect(dead_code, reason = "`left_out` alone says it")
    )]
    #[error("this hs-secrets was built without age: it opens nothing with age or SSH keys")]
    LeftOut,
    /// The file could not be read.
    #[error("reading the identity {} failed: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The user typed the key itself where a file name was expected.
    #[error("that is a secret key itself, not the name of a file that holds one")]
    KeyItself,
    /// The identity file is encrypted, and could not be opened.
    #[error("opening the identity {} failed: {source}", path.display())]
    Sealed { path: PathBuf, source: AgeError },
    /// An SSH key of a kind that can't decrypt.
    #[error("the SSH key {} can't be used: {reason}", path.display())]
    Unsupported {
        path: PathBuf,
        /// The kind of key, and why it can't decrypt.
        reason: String,
    },
    /// The file holds no secret key.
    #[error("{} holds no age or SSH secret key", path.display())]
    Unknown { path: PathBuf },
}
