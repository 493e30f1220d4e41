//! Why a key was not rotated.

use std::path::PathBuf;

use thiserror::Error;

use crate::format::KeyName;
use crate::keyring::KeyError;
use crate::keyring::abridged_names::abridged_names;
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
    /// There is no rotation to continue or to undo.
    #[error("no rotation of key `{name}` is under way")]
    NotUnderway { name: KeyName },
    /// The rotation began in another work tree, whose index has the staged files.
    #[error(
        "the rotation of key `{name}` was begun in another work tree, that of {}",
        git_dir.display()
    )]
    Elsewhere { name: KeyName, git_dir: PathBuf },
    /// The file has an unresolved conflict.
    #[error("{path} is in conflict")]
    Conflict { path: PathBytes },
    /// The commit of the rotation would also contain other staged changes.
    #[error("other changes are staged, which the commit would take along")]
    Staged,
    /// A file can't be encrypted with the new key.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
    /// A collaborator's public key is not known in this clone.
    #[error("the public key of the collaborator {} is not known here", holder.id())]
    UnknownRecipient { holder: Holder },
    /// This clone has not accepted some holders, and the user has not confirmed them.
    #[error(
        "the new key would be wrapped for {} whom this clone has not accepted: {}",
        if holders.len() == 1 { "somebody" } else { "people" },
        abridged_names(holders)
    )]
    Untrusted {
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// The user has confirmed somebody who is not a holder.
    #[error(
        "nothing is wrapped for `{id}`, which is no whole public key, fingerprint or id of a collaborator"
    )]
    NobodyToTrust { id: String },
    /// Some holders have no wrapped key any more, although nobody has signed their removal.
    #[error(
        "key `{name}` is wrapped no more for people who are to have it: {}",
        abridged_names(holders)
    )]
    NotWrapped {
        name: KeyName,
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// This clone has seen a list of holders, and it is gone.
    #[error("the list of those who hold key `{name}` is gone, and this clone has seen it")]
    ListGone { name: KeyName },
    /// The collaborators could not be read, or the new key not be wrapped for them.
    #[error(transparent)]
    Membership(#[from] MembershipError),
    /// The new key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The rotation has begun, then failed. It must be continued or undone.
    #[error(transparent)]
    Stopped(Box<RotationError>),
}

impl RotationError {
    /// Marks an error that happened after the rotation has begun.
    pub(super) fn stopped(self) -> Self {
        Self::Stopped(Box::new(self))
    }
}

impl From<CollaboratorError> for RotationError {
    fn from(error: CollaboratorError) -> Self {
        Self::Membership(error.into())
    }
}
