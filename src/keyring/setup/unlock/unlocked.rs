//! The result of unlocking: the keys that are in use, the files that are not open.

use super::not_opened::NotOpened;
use crate::format::{KeyId, KeyName};
use crate::keyring::trust::MemoryError;
use crate::repository::{CommitOrigin, Incoming, PathBytes};

/// The result of unlocking.
#[derive(Debug, Default)]
pub(crate) struct Unlocked {
    /// The keys that are in use now.
    pub keys: Vec<UnlockedKey>,
    /// The keys that keep git-crypt's filter.
    pub kept: Vec<KeyName>,
    /// The files that the right key does not open: they are damaged, or were encrypted with another key.
    pub closed: Vec<PathBytes>,
    /// The keys that were rotated elsewhere, and replace the keys from before.
    pub succeeded: Vec<Succession>,
    /// The files that Git had left half changed, because it could not decrypt the new version. They are restored.
    pub restored: Vec<PathBytes>,
    /// The `.gitattributes` files that are ciphertext: Git can't read there which files are encrypted.
    pub unread_attributes: Vec<PathBytes>,
    /// Other available keys, which are not used.
    pub left_out: Vec<LeftOut>,
    /// Files of keys in `left_out` that are missing in the work tree. Git removes files that it can't decrypt when it
    /// changes them.
    pub missing: Vec<PathBytes>,
    /// The keys for which this clone's memory could not be used and was replaced, with the reason.
    pub rebuilt: Vec<(KeyName, MemoryError)>,
}

/// A key that is in use.
#[derive(Debug)]
pub(crate) struct UnlockedKey {
    pub name: KeyName,
    pub id: KeyId,
    /// True if this clone remembered no key of this name before.
    pub is_first_use: bool,
}

/// A key that replaces the one before it.
#[derive(Debug)]
pub(crate) struct Succession {
    pub key: KeyName,
    /// The commit with files of the new key; `None` if the new key was already in the key store.
    pub proof: Option<Incoming>,
}

/// A key that is not used, while another key of the same name is.
#[derive(Debug)]
pub(crate) struct LeftOut {
    pub name: KeyName,
    pub why: NotOpened,
    /// The commits that added the succession statements leading to the key.
    pub origins: Vec<CommitOrigin>,
}
