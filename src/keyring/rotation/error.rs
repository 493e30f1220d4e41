//! Why a key was not rotated.

use std::path::PathBuf;

use thiserror::Error;

use crate::format::KeyName;
use crate::keyring::KeyError;
use crate::keyring::few::few;
use crate::keyring::files::EncryptionError;
use crate::keyring::membership::MembershipError;
use crate::keyring::people::{CollaboratorError, Holder};
use crate::repository::{PathBytes, RepositoryError};

/// Why a key was not rotated.
#[derive(Debug, Error)]
pub(crate) enum RotationError {
    /// An earlier rotation is not finished.
    #[error("a rotation of key `{name}` is under way")]
    Underway { name: KeyName },
    /// There is nothing to continue or to undo.
    #[error("no rotation of key `{name}` is under way")]
    NotUnderway { name: KeyName },
    /// It was begun in another work tree, whose index has what it has staged.
    #[error(
        "the rotation of key `{name}` was begun in another work tree, that of {}",
        git_dir.display()
    )]
    Elsewhere { name: KeyName, git_dir: PathBuf },
    /// A file has two versions.
    #[error("{path} is in conflict")]
    Conflict { path: PathBytes },
    /// A commit of the rotation alone can't be made.
    #[error("other changes are staged, which the commit would take along")]
    Staged,
    /// A file can't be encrypted again.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    /// A collaborator's public key is not known here.
    #[error("the public key of the collaborator {} is not known here", holder.id())]
    UnknownRecipient {
        /// The owner.
        holder: Holder,
    },
    /// Some holders are new to this clone, and nobody has vouched for them.
    #[error(
        "the new key would be wrapped for {} whom this clone has not accepted: {}",
        if holders.len() == 1 { "somebody" } else { "people" },
        few(holders)
    )]
    Untrusted {
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// Somebody is vouched for who holds nothing.
    #[error(
        "nothing is wrapped for `{id}`, which is no whole public key, fingerprint or id of a collaborator"
    )]
    NobodyToTrust {
        /// The text given.
        id: String,
    },
    /// Nothing is wrapped any more for some holders, and nobody has signed their removal.
    #[error(
        "key `{name}` is wrapped no more for people who are to have it: {}",
        few(holders)
    )]
    NotWrapped {
        name: KeyName,
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// The list of holders is gone.
    #[error("the list of those who hold key `{name}` is gone, and this clone has seen it")]
    ListGone { name: KeyName },
    /// The collaborators could not be read, or not be given the new key.
    #[error(transparent)]
    Membership(#[from] MembershipError),
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// It was stopped on the way, and is to be finished or undone.
    #[error(transparent)]
    Stopped(Box<RotationError>),
}

impl RotationError {
    /// The error, once a rotation is under way.
    pub(super) fn stopped(self) -> Self {
        Self::Stopped(Box::new(self))
    }
}

impl From<CollaboratorError> for RotationError {
    fn from(error: CollaboratorError) -> Self {
        Self::Membership(error.into())
    }
}
