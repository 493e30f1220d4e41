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
    /// The file is longer than Swarm takes.
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
    /// The file is too long for a file of variables.
    #[error("{path} has {length} bytes, and can be no file of variables")]
    TooLong { path: String, length: u64 },
    /// All files of the stack together are too long.
    #[error("with {path}, the files of the stack have more than {} MiB together", MAXIMUM_TOTAL >> 20)]
    TooMuch { path: String },
    /// The file of a secret has no attribute that encrypts it, or is plaintext in a commit.
    #[error("{path} is not encrypted in Git, and a secret must be")]
    NotEncrypted { path: String },
    /// The file of a secret is staged in plaintext, although its attributes ask for encryption.
    #[error("{path} should be encrypted, but Git has it in plaintext")]
    StoredInPlaintext { path: String },
    /// The file of a secret is not in Git yet.
    #[error("{path} is not in Git yet, and a secret must be, encrypted")]
    Untracked { path: String },
    /// Git converts the file in a way that can't be followed.
    #[error(
        "Git stores {path} as something else than what the work tree has (a filter or an encoding); that can only be read from a commit"
    )]
    Converted { path: String },
    /// A key is needed, and the repository is locked.
    #[error("{doing} {path} needs the key, and this repository is locked")]
    Locked {
        /// The action that failed.
        doing: &'static str,
        path: String,
    },
    /// The key that the attributes name is not here, although others are.
    #[error("{doing} {path} needs the key {key}, which is not here")]
    KeyNotHere {
        /// The action that failed.
        doing: &'static str,
        path: String,
        key: KeyName,
    },
    /// The key that the attributes name does not open the file. Other keys are not tried.
    #[error("decrypting {path} with the key {key}, which its attributes name, failed: {source}")]
    Decrypt {
        path: String,
        key: KeyName,
        source: BlobError,
    },
    /// The ciphertext is too short to be whole.
    #[error("{path}: {source}")]
    CutOff {
        path: String,
        /// The reason, which says where it ends.
        source: BlobError,
    },
    /// The file holds ciphertext, and no attribute says that it is encrypted.
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
    /// Only a key that was rotated out opens the file.
    #[error("{path} is encrypted with a key {key} that was rotated out")]
    Retired {
        path: String,
        /// The key's name.
        key: KeyName,
    },
    /// The path leads to no file that could be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl SourceError {
    /// The path of the file, if the keys that are here do not open it.
    pub(crate) fn unopened_file(&self) -> Option<&str> {
        match self {
            Self::Locked { path, .. }
            | Self::KeyNotHere { path, .. }
            | Self::Decrypt { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The error with another path of its file.
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
