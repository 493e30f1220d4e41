//! Where keys come from and go to: new keys, key files, collaborators, and unlocking or locking a repository with them.

mod abridged_names;
mod files;
mod generate;
mod membership;
mod people;
mod rotation;
mod setup;
mod trust;

pub(crate) use abridged_names::abridged_names;
pub(crate) use files::{EncryptionError, plain_files, renew};
pub(crate) use generate::generate;
pub(crate) use membership::{
    Attestations, MembershipError, add_collaborators, add_not_wrapped, attest_names, gone_lists,
    remove_collaborator,
};
pub(crate) use people::{
    AGE_IS_BUILT_IN, AgeError, AgeIdentity, AgeRecipient, Collaborator, CollaboratorError,
    Collaborators, Decryptors, Gpg, GpgError, Holder, IdentityError, KeyForm, KeyFormError, Opener,
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
    NotOpened, Offered, Repair, RotationQuestion, Staged, UnlockError, UnlockOptions, Unlocked,
    export, export_key, health, holders_gone, initialise, keep_retired, keys_here_alone, lock,
    not_wrapped, read_key, read_key_value, read_legacy_key, read_raw_key, refresh, repair, status,
    unlock,
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
        /// The file or stream.
        source_name: String,
        source: io::Error,
    },
    /// The user typed the key itself where a file or variable name was expected.
    #[error("that is a key itself, not the name of a file or variable that holds one")]
    KeyItself,
    /// The content is not a key file.
    #[error("reading the key from {source_name} failed: {source}")]
    Malformed {
        /// The file or stream.
        source_name: String,
        /// Why it is refused.
        source: KeyFileError,
    },
    /// The environment variable does not exist.
    #[error("{source_name} is not set")]
    NotSet {
        /// The environment variable.
        source_name: String,
    },
    /// The source of the key is empty.
    #[error("{source_name} is empty")]
    Empty {
        /// The file, stream or environment variable.
        source_name: String,
    },
    /// The base64 text or the sealed file can't be decoded.
    #[error("reading the key from {source_name} failed: {source}")]
    NotUnpacked {
        /// The file or stream.
        source_name: String,
        /// Why it is refused.
        source: KeyFormError,
    },
    /// The key could not be sealed.
    #[error("sealing the key failed: {0}")]
    NotPacked(#[source] KeyFormError),
    /// The file could not be written.
    #[error("writing the key to {target} failed: {source}")]
    Write {
        /// The file.
        target: String,
        source: io::Error,
    },
    /// A new key must not overwrite an existing file.
    #[error("writing the key to {target} failed: file already exists")]
    Exists {
        /// The file.
        target: String,
    },
    /// The operating system gave no random numbers.
    #[error("making a new key failed: the operating system gave no random numbers: {0}")]
    NoRandomness(getrandom::Error),
}
