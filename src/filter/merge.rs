//! Merge: three encrypted versions of a file become one, for Git's merge driver.
//!
//! Git stores the result of a merge driver as a blob, even if it has conflict markers, and lets the smudge filter write
//! the file in the work tree. Therefore the result is always encrypted. The conflict still arrives in the work tree as
//! plaintext, and no object of the repository ever contains any.

use std::io::Read;

use thiserror::Error;

use super::destination::StoredBlob;
use super::{Destination, FilterError, Filtered, Smudged, clean, smudge};
use crate::format::KeyFile;
use crate::repository::{ConflictMarkers, MergedText, RepositoryError, merge_text};
use crate::secret::SecretBytes;

/// Three versions of a file, as Git stores them.
#[derive(Debug)]
pub(crate) struct Versions<Source> {
    /// The common ancestor; empty if both sides have added the file.
    pub base: Source,
    /// The version into which the other one is merged.
    pub ours: Source,
    /// The version that is merged.
    pub theirs: Source,
}

/// The result of a merge.
pub(crate) enum Merged {
    /// The changes of both sides, as Git will store them.
    Clean(Filtered),
    /// Conflict markers around changes of the same lines, as Git will store them until the conflict is resolved.
    Conflict(Filtered),
    /// Binary content can't be merged: our version stays.
    Binary,
}

/// Why three versions could not be merged. Our version stays.
#[derive(Debug, Error)]
pub(crate) enum MergeError {
    /// One of the versions can't be decrypted.
    #[error("decrypting {version} failed: {source}")]
    BadVersion {
        /// Which version it is.
        version: &'static str,
        source: FilterError,
    },
    /// The result can't be encrypted.
    #[error("encrypting the result failed: {0}")]
    Encrypt(#[source] FilterError),
    /// The merge itself failed.
    #[error(transparent)]
    Merge(#[from] RepositoryError),
}

/// Merges three versions in memory.
///
/// Versions in plaintext, from before the file was encrypted, are merged, too. If no version is encrypted and
/// `replayed` is set, the result is not encrypted: Git applies a recorded resolution (rerere) directly to the work
/// tree.
pub(crate) fn merge(
    keys: &KeyFile,
    mut versions: Versions<impl Read + Send>,
    markers: &ConflictMarkers,
    replayed: bool,
    destination: &impl Destination,
) -> Result<Merged, MergeError> {
    let (mut base, base_encrypted) =
        plaintext(keys, "the common ancestor's version", &mut versions.base)?;
    let (mut ours, our_encrypted) = plaintext(keys, "our version", &mut versions.ours)?;
    let (mut theirs, their_encrypted) = plaintext(keys, "their version", &mut versions.theirs)?;
    let encrypted = base_encrypted || our_encrypted || their_encrypted;
    let as_stored = |mut content: SecretBytes| {
        if replayed && !encrypted {
            Ok(Filtered::as_it_is(content))
        } else {
            clean(keys, &mut content.expose(), &WithoutStored(destination))
                .map_err(MergeError::Encrypt)
        }
    };
    Ok(
        match merge_text(base.expose(), ours.expose(), theirs.expose(), markers)? {
            MergedText::Clean(content) => Merged::Clean(as_stored(content)?),
            MergedText::Conflict(content) => Merged::Conflict(as_stored(content)?),
            MergedText::Binary => Merged::Binary,
        },
    )
}

/// The destination of the result of a merge. It hides stored blobs, so that the result is encrypted with the key in use
/// even if Git has the same content encrypted with a retired key.
struct WithoutStored<'merge, Place>(&'merge Place);

impl<Place: Destination> Destination for WithoutStored<'_, Place> {
    fn blobs(&self, length: usize) -> Vec<StoredBlob<'_>> {
        match length {
            0 => self.0.blobs(length),
            _ => Vec::new(),
        }
    }

    fn leaves_empty(&self) -> bool {
        self.0.leaves_empty()
    }

    fn converts_line_ends(&self) -> Result<bool, RepositoryError> {
        self.0.converts_line_ends()
    }
}

/// The plaintext of a version, and whether it was encrypted.
fn plaintext(
    keys: &KeyFile,
    version: &'static str,
    stored: &mut (impl Read + Send),
) -> Result<(SecretBytes, bool), MergeError> {
    match smudge(keys, stored) {
        Ok(Smudged::Decrypted(content)) => Ok((content, true)),
        Ok(Smudged::NotEncrypted(content)) => Ok((content, false)),
        Err(source) => Err(MergeError::BadVersion { version, source }),
    }
}
