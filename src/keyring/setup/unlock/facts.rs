//! The facts about the keys of one name, as plain data.

use std::collections::BTreeSet;

use crate::format::{KeyId, KeyName};
use crate::keyring::trust::SuccessionStatement;
use crate::repository::CommitOrigin;

/// The facts about the keys of one name.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub name: KeyName,
    /// The key that this clone remembers.
    pub known: Option<KeyId>,
    /// The keys that this clone knows to be retired.
    pub former: BTreeSet<KeyId>,
    /// How many encrypted files of this key name the index has. If it has none: how many left-out files were read in
    /// their place.
    pub files: usize,
    /// How many of these files a retired key opens.
    pub opened_by_former: usize,
    /// The available keys.
    pub offers: Vec<Offer>,
    /// All succession statements in the history of `HEAD`, and in commits that are about to be pulled. Their signatures
    /// are valid.
    pub successions: Vec<SuccessionStatement>,
    /// The only ids that the user allows; empty if all are allowed.
    pub pinned: Vec<KeyId>,
    /// True if the user accepts a wrapped key without proof.
    pub new_key: bool,
    /// The user's answer to a rotation that is proven by signatures.
    pub rotation: Consent,
}

/// An available key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub id: KeyId,
    pub origin: KeyOrigin,
    /// How many of the files the key opens.
    pub opens: usize,
    /// True if the key opens a file in a commit that is about to be pulled, or in another branch.
    pub opens_elsewhere: bool,
}

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOrigin {
    /// The user gave it: in a file, an environment variable, or on stdin.
    ByHand,
    /// It is wrapped for the user in this repository.
    Wrapped,
    /// It is wrapped for the user in a commit that is about to be pulled.
    Incoming,
    /// It is in the key store.
    Stored,
}

/// The question whether to follow a rotation, which is proven by signatures of both keys.
#[derive(Debug)]
pub(crate) struct RotationQuestion {
    pub name: KeyName,
    /// The ids from the known key to the one that would replace it, including both.
    pub follows: Vec<KeyId>,
    /// The commits that added the succession statements.
    pub origins: Vec<CommitOrigin>,
}

/// The user's answer to a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The user agrees.
    Given,
    /// The user does not agree, or there is nobody to ask.
    Withheld,
    /// The user has not been asked yet.
    Unasked,
}
