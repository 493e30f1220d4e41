//! Why a file can't become a secret or config.

use thiserror::Error;

use super::tree::TreeError;
use crate::format::{BlobError, KeyName};
use crate::repository::RepositoryError;
use crate::stack::names::ObjectKind;

/// Maximum length in bytes of all files of a stack together. A Swarm could not hold more in its managers' memory.
pub(crate) const MAXIMUM_TOTAL: u64 = 256 << 20;

/// Why a file can't become a secret or config.
#[derive(Debug, Error)]
pub enum SourceError {
    /// There is no such file.
    #[error("{path} does not exist{}", revision.as_ref().map(|revision| format!(" in {revision}")).unwrap_or_default())]
    Missing {
        path: String,
        /// The commit that was looked at, if it was one.
        revision: Option<String>,
    },
    /// Swarm takes no empty objects.
    #[error("{path} is empty, and a {kind} must not be")]
    Empty {
        path: String,
        /// Secret or config.
        kind: ObjectKind,
    },
    /// Longer than Swarm takes.
    #[error("{path} has {length} bytes, and a {kind} must have less than {limit}")]
    TooLarge {
        path: String,
        /// Secret or config.
        kind: ObjectKind,
        /// Its length in plaintext.
        length: u64,
        /// Swarm's limit.
        limit: u64,
    },
    /// Too long for a file of variables.
    #[error("{path} has {length} bytes, and can be no file of variables")]
    TooLong { path: String, length: u64 },
    /// All files of the stack together are too long.
    #[error("with {path}, the files of the stack have more than {} MiB together", MAXIMUM_TOTAL >> 20)]
    TooMuch { path: String },
    /// A secret's file that its attributes don't have encrypted, or that a commit has in plaintext.
    #[error("{path} is not encrypted in Git, and a secret must be")]
    NotEncrypted { path: String },
    /// A secret's file whose staged version is plaintext although its attributes ask for encryption.
    #[error("{path} should be encrypted, but Git has it in plaintext")]
    StoredInPlaintext { path: String },
    /// A secret's file that Git does not know yet.
    #[error("{path} is not in Git yet, and a secret must be, encrypted")]
    Untracked { path: String },
    /// Git converts the file in a way that can't be followed.
    #[error(
        "Git stores {path} as something else than what the work tree has (a filter or an encoding); that can only be read from a commit"
    )]
    Converted { path: String },
    /// The key is needed and not there.
    #[error("{doing} {path} needs the key, and this repository is locked")]
    Locked {
        /// The action that failed.
        doing: &'static str,
        path: String,
    },
    /// The key that the attributes name is not here, though others are.
    #[error("{doing} {path} needs the key {key}, which is not here")]
    KeyNotHere {
        /// The action that failed.
        doing: &'static str,
        path: String,
        key: KeyName,
    },
    /// The key that the attributes name does not open the file, whatever others would.
    #[error("decrypting {path} with the key {key}, which its attributes name, failed: {source}")]
    Decrypt {
        path: String,
        key: KeyName,
        source: BlobError,
    },
    /// Ciphertext that is too short to be whole.
    #[error("{path}: {source}")]
    CutOff {
        path: String,
        /// Where it ends.
        source: BlobError,
    },
    /// Ciphertext where no attribute says that the file is encrypted.
    #[error(
        "{path} holds ciphertext, but {} says that it is encrypted; it is not decrypted",
        match revision {
            Some(revision) => format!("no .gitattributes of {revision}"),
            None => "no attribute".to_owned(),
        }
    )]
    NotNamed {
        path: String,
        /// The commit that was looked at, if it was one.
        revision: Option<String>,
    },
    /// Only a key opens it that was rotated out.
    #[error("{path} is encrypted with a key {key} that was rotated out")]
    Retired {
        path: String,
        /// The key's name.
        key: KeyName,
    },
    /// The path, or the file behind it.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The repository itself.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
