//! The facts about the keys of one name, as plain data.

use std::collections::BTreeSet;

use crate::format::{KeyId, KeyName};
use crate::keyring::trust::SuccessionStatement;

/// The facts about the keys of one name.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The name of the keys.
    pub name: KeyName,
    /// The key that this clone knows.
    pub known: Option<KeyId>,
    /// The keys that it knows to be rotated out.
    pub former: BTreeSet<KeyId>,
    /// How many files are encrypted with a key of this name, in the index or, without one, in the last commit.
    pub files: usize,
    /// How many of them open with a former key that is kept here.
    pub opened_by_former: usize,
    /// The available keys.
    pub offers: Vec<Offer>,
    /// All successions that were ever committed here or are about to be pulled. Their signatures fit.
    pub successions: Vec<SuccessionStatement>,
    /// The only ids that the user allows; empty if any is allowed.
    pub pinned: Vec<KeyId>,
    /// True if the user takes a wrapped key that nothing proves.
    pub new_key: bool,
    /// The user's answer to a rotation that is proven.
    pub rotation: Consent,
}

/// An available key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub id: KeyId,
    /// Where it comes from.
    pub origin: KeyOrigin,
    /// How many of the files it opens.
    pub opens: usize,
    /// True if it opens a file that is about to be pulled, or of another branch.
    pub opens_elsewhere: bool,
}

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOrigin {
    /// The user has given it: a file, a variable, standard input.
    ByHand,
    /// It is wrapped for the user in this repository.
    Wrapped,
    /// It is wrapped for the user in a commit that is about to be pulled.
    Incoming,
    /// It is in the key store.
    Stored,
}

/// The user's answer to a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The user agrees.
    Given,
    /// The user does not agree, or there is nobody to ask.
    Withheld,
    /// The user was not asked yet.
    Unasked,
}
