//! Merge: three encrypted versions of a file become one, for Git's merge driver.
//!
//! Git takes what a merge driver leaves for the blob it stores, conflict markers included, and lets the smudge filter
//! write the work-tree file from it. So the result is encrypted again either way: then the conflict arrives in the
//! work tree as plaintext, and no object of the repository ever holds any.

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
    /// The version that the other two come from; empty if both sides have added the file.
    pub base: Source,
    /// The version merged into.
    pub ours: Source,
    /// The version merged.
    pub theirs: Source,
}

/// The result of a merge.
pub(crate) enum Merged {
    /// Both changes in one, as Git is to store it.
    Clean(Filtered),
    /// Changes of the same lines between markers, as Git is to store it until they are resolved.
    Conflict(Filtered),
    /// Binary content, which can't be merged: ours stays.
    Binary,
}

/// Why three versions could not be merged. Ours stays.
#[derive(Debug, Error)]
pub(crate) enum MergeError {
    /// One of the versions can't be decrypted.
    #[error("decrypting {version} failed: {source}")]
    BadVersion {
        /// Whose it is.
        version: &'static str,
        /// Why.
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
/// Versions in plaintext, from before the file was encrypted, are merged as they are. If none is encrypted and
/// `replayed` is set, the result is not encrypted either: Git replays a recorded resolution (rerere) straight into the
/// work tree.
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
            clean(keys, &mut content.expose(), &Anew(destination)).map_err(MergeError::Encrypt)
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

/// The destination of a merge's result. It is encrypted with the key in use, even if Git has the content there under a
/// key that was rotated out.
struct Anew<'merge, Place>(&'merge Place);

impl<Place: Destination> Destination for Anew<'_, Place> {
    fn blobs(&self, length: usize) -> Vec<StoredBlob<'_>> {
        match length {
            0 => self.0.blobs(length),
            _ => Vec::new(),
        }
    }

    fn leaves_empty(&self) -> bool {
        self.0.leaves_empty()
    }

    fn converts_line_ends(&self) -> bool {
        self.0.converts_line_ends()
    }
}

/// The plaintext of one version, and whether it was encrypted.
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
