//! Everything that can go wrong with the repository.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use thiserror::Error;

use crate::format::{BlobError, KeyFileError, KeyName};

/// Why the repository could not be read or changed.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// The directory is in no repository.
    #[error("not a git repository (or any of the parent directories): {}", start.display())]
    NotFound {
        /// Where the search began.
        start: PathBuf,
    },
    /// Git does not trust the repository.
    #[error("git does not trust the repository at {}: it is not owned by you", place.display())]
    ForeignOwner {
        /// Its place, as Git names it.
        place: PathBuf,
    },
    /// The repository is bare, but the action needs a work tree.
    #[error("{doing} needs a work tree, and {} is a bare repository", git_dir.display())]
    Bare {
        /// The action that failed.
        doing: &'static str,
        /// The repository.
        git_dir: PathBuf,
    },
    /// libgit2 returned an error.
    #[error("{doing} failed: {}", source.message())]
    Git {
        /// The action that failed, and on what.
        doing: String,
        source: git2::Error,
    },
    /// This partial clone does not have an object, and git could not fetch it.
    #[error(
        "{doing} failed: this partial clone has left it out, and it can't be fetched: {reason}"
    )]
    NotFetched {
        /// The action that failed, and on what.
        doing: String,
        /// The last line that git printed.
        reason: String,
    },
    /// The `git` program could not be started, or failed.
    #[error("`git {command}` failed: {reason}")]
    GitProgram {
        /// The subcommand.
        command: String,
        /// The last line that git printed, or why it was not started.
        reason: String,
    },
    /// A hook of the user failed. The work before it is done.
    #[error("the {name} hook of {} failed: {status}", work_tree.display())]
    Hook {
        /// The hook's name.
        name: &'static str,
        /// The top of the work tree that it ran in.
        work_tree: PathBuf,
        /// The hook's exit status.
        status: ExitStatus,
    },
    /// A file of the repository could not be read or written.
    #[error("{doing} {} failed: {source}", path.display())]
    File {
        /// The action that failed.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file is longer than files of its kind may be.
    #[error("{} is too long: it may have {maximum} bytes", path.display())]
    TooLong {
        path: PathBuf,
        /// Maximum length in bytes.
        maximum: u64,
    },
    /// A file with a wrapped key, which Git would change when it is added to the index.
    #[error("{} would be encrypted or changed by its attributes, and nobody could open it", path.display())]
    FilteredKey { path: PathBuf },
    /// A folder has more files than allowed.
    #[error("{} has too many files: it may have {maximum}", path.display())]
    TooMany {
        path: PathBuf,
        /// Maximum number of files.
        maximum: usize,
    },
    /// A symbolic link at a path that a commit can choose.
    #[error("{} is a symbolic link, which may lead anywhere: it is not followed", path.display())]
    LinkInTheWay {
        /// The link.
        path: PathBuf,
    },
    /// A path that leads out of the work tree, or into `.git`.
    #[error("{} is no place for a file of the work tree", path.display())]
    OutsideWorkTree { path: PathBuf },
    /// A file in the key store is not a valid key file.
    #[error("reading the key in {} failed: {source}", path.display())]
    BadKey {
        path: PathBuf,
        /// Why it is refused.
        source: KeyFileError,
    },
    /// The key is not in the key store.
    #[error("no key `{name}` here: the repository is locked, or was never set up with this key")]
    NoKey { name: KeyName },
    /// A blob does not decrypt.
    #[error("decrypting {path} failed: {source}")]
    BadBlob {
        /// The path of the blob in the work tree.
        path: String,
        /// Why it is refused.
        source: BlobError,
    },
    /// The index file is missing.
    #[error("the index {} is missing, which says what Git has of the files in the work tree", path.display())]
    NoIndex {
        /// The path of the index file.
        path: PathBuf,
    },
    /// A signal has asked this process to end.
    #[error("interrupted")]
    Interrupted,
    /// Git's lock file of the configuration exists.
    #[error("{} exists: another git process is changing the configuration, or one crashed", path.display())]
    ConfigLocked {
        /// The lock file.
        path: PathBuf,
    },
}

/// A reason that the user can do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The repository belongs to another user, and Git does not trust it.
    ForeignOwner,
    /// The repository does not have an object.
    MissingObject,
    /// A partial clone does not have an object, and its remote can't be reached.
    NotFetched,
}

impl RepositoryError {
    /// For [`Result::map_err`] on a libgit2 call.
    pub(in crate::repository) fn git(doing: impl Into<String>) -> impl FnOnce(git2::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Git { doing, source }
    }

    /// For [`Result::map_err`] on a file operation.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    /// The reason, if the user can do something about it.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::ForeignOwner { .. } => Some(Refusal::ForeignOwner),
            Self::Git { source, .. } => is_missing_object(source).then_some(Refusal::MissingObject),
            Self::NotFetched { .. } => Some(Refusal::NotFetched),
            _ => None,
        }
    }
}

/// True if the repository does not have an object. False if a tree does not have a path.
pub(in crate::repository) fn is_missing_object(error: &git2::Error) -> bool {
    error.code() == git2::ErrorCode::NotFound && error.class() == git2::ErrorClass::Odb
}
