//! Where keys come from and go to: new ones, key files, collaborators, and a repository that is unlocked or locked with
//! them.

mod age;
mod age_identity;
mod age_recipient;
mod age_users;
mod collaborators;
mod concern;
mod encrypted_files;
mod generate;
mod gpg;
mod gpg_listing;
mod gpg_users;
mod health;
mod initialise;
mod key_form;
mod key_source;
mod lock;
mod outdated;
mod passphrase;
mod refresh;
mod retired;
mod rotation;
mod set_up_before;
mod staged_change;
mod status;
mod succession;
mod unlock;
mod unwrap;

pub(crate) use age::AgeError;
pub(crate) use age_identity::{AgeIdentity, IdentityError, read_identities};
pub(crate) use age_recipient::{AgeRecipient, RecipientError};
pub(crate) use age_users::{AgeUser, add_age_users, age_users, remove_age_user};
pub(crate) use collaborators::{CollaboratorError, Collaborators, WrappedKey};
pub(crate) use encrypted_files::plain_files;
pub(crate) use generate::generate;
pub(crate) use gpg::{Gpg, GpgError};
pub(crate) use gpg_listing::Usability;
pub(crate) use gpg_users::{GpgUser, add_gpg_users, gpg_users, remove_gpg_user};
pub(crate) use health::{Health, health};
pub(crate) use initialise::initialise;
pub(crate) use key_form::{KeyForm, KeyFormError, Opener};
pub(crate) use key_source::{
    KeySource, export_key, read_key, read_key_value, read_legacy_key, read_raw_key,
};
pub(crate) use lock::{LockError, lock};
pub(crate) use outdated::renew;
pub(crate) use refresh::refresh;
pub(crate) use retired::keep_retired;
pub(crate) use rotation::{
    Rotated, RotationError, abort_rotation, commit_rotation, continue_rotation, start_rotation,
};
pub(crate) use staged_change::StagedChange;
pub(crate) use status::{FileStatus, Repair, Staged, repair, status};
pub(crate) use succession::{Rewrapped, newest, rewrapped};
pub(crate) use unlock::{UnlockError, Unlocked, unlock};
pub(crate) use unwrap::{Means, UnwrapError, unwrap_keys};

use std::io;

use thiserror::Error;

use crate::format::KeyFileError;

/// Why a key could not be read, made or written.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file or stream could not be read.
    #[error("reading the key from {source_name} failed: {source}")]
    Read {
        /// Where it was to come from.
        source_name: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The key stands where a name belongs.
    #[error("that is a key itself, not the name of a file or variable that holds one")]
    KeyItself,
    /// What was read is not a key file.
    #[error("reading the key from {source_name} failed: {source}")]
    Malformed {
        /// Where it came from.
        source_name: String,
        /// What is wrong with it.
        source: KeyFileError,
    },
    /// There is no such variable.
    #[error("{source_name} is not set")]
    NotSet {
        /// Where the key was to come from.
        source_name: String,
    },
    /// There is nothing to read.
    #[error("{source_name} is empty")]
    Empty {
        /// Where the key was to come from.
        source_name: String,
    },
    /// Base64 or a sealed file that can't be undone.
    #[error("reading the key from {source_name} failed: {source}")]
    NotUnpacked {
        /// Where it came from.
        source_name: String,
        /// What is wrong with it.
        source: KeyFormError,
    },
    /// The key could not be sealed.
    #[error("sealing the key failed: {0}")]
    NotPacked(#[source] KeyFormError),
    /// The file could not be written.
    #[error("writing the key to {target} failed: {source}")]
    Write {
        /// Where it was to go.
        target: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A new key may not take the place of a file.
    #[error("writing the key to {target} failed: file already exists")]
    Exists {
        /// Where it was to go.
        target: String,
    },
    /// The operating system gave no random numbers.
    #[error("making a new key failed: the operating system gave no random numbers: {0}")]
    NoRandomness(getrandom::Error),
}
