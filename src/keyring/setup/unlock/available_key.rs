//! The available keys, and which files each of them opens.

use super::facts::{KeyOrigin, Offer};
use crate::format::{KeyFile, KeyId};
use crate::keyring::files::opens;
use crate::repository::{Incoming, IndexEntry, Repository, RepositoryError, stop_if_interrupted};

/// An available key.
pub(super) struct AvailableKey {
    pub key: KeyFile,
    pub offer: Offer,
    /// A commit with a file that the key opens, if the key opens none here.
    pub proof: Option<Incoming>,
}

/// Which key opens an encrypted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileOpener {
    /// The available key with this index.
    AvailableKey(usize),
    /// A retired key in the key store.
    Former,
    /// No available key opens it.
    Nobody,
}

impl AvailableKey {
    pub(super) fn of(key: KeyFile, origin: KeyOrigin) -> Self {
        let offer = Offer {
            id: KeyId::of(&key),
            origin,
            opens: 0,
            opens_elsewhere: false,
        };
        Self {
            key,
            offer,
            proof: None,
        }
    }
}

/// The available keys, each id once. Anybody may have added versions to a wrapped key. If one of the versions is the
/// known key, only that version is taken.
pub(super) fn keys_to_try(
    keys: Vec<(KeyFile, KeyOrigin)>,
    known: Option<KeyId>,
) -> Vec<AvailableKey> {
    let mut tried: Vec<AvailableKey> = Vec::new();
    for (key, origin) in keys {
        let mut to_try = AvailableKey::of(key, origin);
        if known.is_some_and(|known| known != to_try.offer.id) && origin != KeyOrigin::ByHand {
            let (name, whole) = (to_try.key.name().clone(), to_try.offer.id);
            let versions = to_try.key.into_versions();
            let position = versions
                .iter()
                .position(|version| Some(KeyId::of_version(version)) == known);
            let mut versions = versions.into_iter();
            let key = match position {
                Some(position) => versions.nth(position).map(|key| KeyFile::of_one(name, key)),
                None => KeyFile::new(name, versions.collect()).ok(),
            };
            let Some(key) = key else { continue };
            to_try = AvailableKey::of(key, origin);
            debug_assert!(position.is_some() || to_try.offer.id == whole);
        }
        let id = to_try.offer.id;
        if tried.iter().all(|other| other.offer.id != id) {
            tried.push(to_try);
        }
    }
    tried
}

/// Finds the key that opens each of `files`.
pub(super) fn scan(
    repository: &Repository,
    files: Vec<IndexEntry>,
    keys: &[AvailableKey],
    former: Option<&KeyFile>,
) -> Result<Vec<(IndexEntry, FileOpener)>, RepositoryError> {
    let mut scanned = Vec::with_capacity(files.len());
    for entry in files {
        stop_if_interrupted()?;
        let opener = opener_of(
            repository.objects().blob(entry.blob)?.content(),
            keys,
            former,
        );
        scanned.push((entry, opener));
    }
    Ok(scanned)
}

/// Finds the key that opens an encrypted blob.
pub(super) fn opener_of(
    blob: &[u8],
    keys: &[AvailableKey],
    former: Option<&KeyFile>,
) -> FileOpener {
    // Retired keys are tried first: a retired key may also be among the wrapped ones.
    if former.is_some_and(|former| opens(former, blob)) {
        return FileOpener::Former;
    }
    let opening = keys.iter().position(|to_try| opens(&to_try.key, blob));
    opening.map_or(FileOpener::Nobody, FileOpener::AvailableKey)
}
