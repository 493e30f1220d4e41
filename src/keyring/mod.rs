//! Where keys come from and go to: new ones, key files, collaborators, and a repository that is unlocked or locked with
//! them.

mod few;
mod files;
mod generate;
mod membership;
mod people;
mod rotation;
mod setup;
mod trust;

pub(crate) use few::few;
pub(crate) use files::{EncryptionError, plain_files, renew};
pub(crate) use generate::generate;
pub(crate) use membership::{
    Attestations, MembershipError, add_collaborators, add_not_wrapped, attest_names, gone_lists,
    remove_collaborator,
};
pub(crate) use people::{
    AGE_IS_BUILT_IN, AgeError, AgeIdentity, AgeRecipient, Collaborator, CollaboratorError,
    Collaborators, Gpg, GpgError, Holder, IdentityError, KeyForm, KeyFormError, Means, Opener,
    Recipient, RecipientError, UnwrapError, Usability, WrappedKey, Wrapper, collaborators,
    looks_like_key, named, public_keys, read_identities, removable_collaborators, repeats_key,
    secret_fingerprints, unwrap_keys,
};
pub(crate) use rotation::{
    HolderFacts, Rewrapped, Rotated, RotationError, RotationFacts, RotationRequest, abort_rotation,
    commit_rotation, look_at_rotation, require_none_underway, rewrapped, rotate,
};
pub(crate) use setup::{
    Consent, ExportError, FileStatus, Health, KeySource, LockError, LockRequest, NOT_WRAPPED,
    NotOpened, Offered, Repair, RotationQuestion, Staged, UnlockError, Unlocked, Wishes, export,
    export_key, health, holders_gone, initialise, keep_retired, keys_here_alone, lock, not_wrapped,
    read_key, read_key_value, read_legacy_key, read_raw_key, refresh, repair, status, unlock,
};
pub(crate) use trust::{MemoryError, statement_written_anew};

use std::io;

use thiserror::Error;

use crate::format::KeyFileError;

/// Why a key could not be read, made or written.
#[derive(Debug, Error)]
pub(crate) enum KeyError {
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
    /// The content is not a key file.
    #[error("reading the key from {source_name} failed: {source}")]
    Malformed {
        /// Where it came from.
        source_name: String,
        /// The defect.
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
        /// The defect.
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
