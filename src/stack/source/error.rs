//! Why a file can't become a secret or config.

use thiserror::Error;

use super::tree::TreeError;
use crate::format::{BlobError, KeyName};
use crate::repository::RepositoryError;
use crate::stack::names::ObjectKind;

/// Maximum length in bytes of all files of a stack together. A Swarm could not keep more in its managers' memory.
pub(crate) const MAXIMUM_TOTAL: u64 = 256 << 20;

/// Why a file can't become a secret or config.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The file does not exist.
    #[error("{path} does not exist{}", revision.as_ref().map(|revision| format!(" in {revision}")).unwrap_or_default())]
    Missing {
        path: String,
        /// The commit in which it was looked for. `None` for the work tree.
        revision: Option<String>,
    },
    /// The file is empty, which Swarm does not accept.
    #[error("{path} is empty, and a {kind} must not be")]
    Empty {
        path: String,
        /// Secret or config.
        kind: ObjectKind,
    },
    /// The file is longer than Swarm accepts.
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
    /// The file is too long for a file of variables or an `env_file`.
    #[error("{path} has {length} bytes, and can be no file of variables")]
    TooLong { path: String, length: u64 },
    /// All files of the stack together are too long.
    #[error("with {path}, the files of the stack have more than {} MiB together", MAXIMUM_TOTAL >> 20)]
    TooMuch { path: String },
    /// The file of a secret is not encrypted in Git: no attribute asks for that, or a commit has it in plaintext.
    #[error("{path} is not encrypted in Git, and a secret must be")]
    NotEncrypted { path: String },
    /// The file of a secret is staged in plaintext, although its attributes ask for encryption.
    #[error("{path} should be encrypted, but Git has it in plaintext")]
    StoredInPlaintext { path: String },
    /// The file of a secret is not in Git yet.
    #[error("{path} is not in Git yet, and a secret must be, encrypted")]
    Untracked { path: String },
    /// Git converts the content of the file in a way that this program can't reproduce.
    #[error(
        "Git stores {path} as something else than what the work tree has (a filter or an encoding); that can only be read from a commit"
    )]
    Converted { path: String },
    /// A key is needed, and the repository is locked.
    #[error("{doing} {path} needs the key, and this repository is locked")]
    Locked {
        /// The action that failed, such as `decrypting`.
        doing: &'static str,
        path: String,
    },
    /// The key named by the attributes is missing, although other keys are available.
    #[error("{doing} {path} needs the key {key}, which is not here")]
    KeyNotHere {
        /// The action that failed, such as `decrypting`.
        doing: &'static str,
        path: String,
        key: KeyName,
    },
    /// The key named by the attributes can't decrypt the file. Other keys are not tried.
    #[error("decrypting {path} with the key {key}, which its attributes name, failed: {source}")]
    Decrypt {
        path: String,
        key: KeyName,
        source: BlobError,
    },
    /// The ciphertext ends too early.
    #[error("{path}: {source}")]
    CutOff {
        path: String,
        /// The reason, with the place where the ciphertext ends.
        source: BlobError,
    },
    /// The file is ciphertext, but no attribute says that it is encrypted.
    #[error(
        "{path} holds ciphertext, but {} says that it is encrypted; it is not decrypted",
        match revision {
            Some(revision) => format!("no .gitattributes of {revision}"),
            None => "no attribute".to_owned(),
        }
    )]
    NotNamed {
        path: String,
        /// The commit whose attributes were read. `None` for the work tree.
        revision: Option<String>,
    },
    /// Only a key from before a rotation decrypts the file.
    #[error("{path} is encrypted with a key {key} that was rotated out")]
    Retired {
        path: String,
        /// The key's name.
        key: KeyName,
    },
    /// The path does not lead to a regular file that can be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl SourceError {
    /// The path of the file, if the available keys can't decrypt it.
    pub(crate) fn unopened_file(&self) -> Option<&str> {
        match self {
            Self::Locked { path, .. }
            | Self::KeyNotHere { path, .. }
            | Self::Decrypt { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Replaces the path in the error.
    pub(crate) fn with_path(mut self, other: String) -> Self {
        match &mut self {
            Self::Missing { path, .. }
            | Self::Empty { path, .. }
            | Self::TooLarge { path, .. }
            | Self::TooLong { path, .. }
            | Self::TooMuch { path }
            | Self::NotEncrypted { path }
            | Self::StoredInPlaintext { path }
            | Self::Untracked { path }
            | Self::Converted { path }
            | Self::Locked { path, .. }
            | Self::KeyNotHere { path, .. }
            | Self::Decrypt { path, .. }
            | Self::CutOff { path, .. }
            | Self::NotNamed { path, .. }
            | Self::Retired { path, .. }
            | Self::Tree(
                TreeError::Outside { path }
                | TreeError::AtHome { path }
                | TreeError::InSubmodule { path, .. }
                | TreeError::LinkLoop { path }
                | TreeError::NotAFile { path }
                | TreeError::Read { path, .. }
                | TreeError::Blob { path, .. },
            ) => *path = other,
            Self::Tree(TreeError::Repository(_)) | Self::Repository(_) => {}
        }
        self
    }
}
