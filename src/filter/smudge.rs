//! Smudge: what Git stores becomes plaintext for the work tree, or for `git diff`.

use std::io::Read;

use super::FilterError;
use crate::format::{BlobDecryption, Header, KeyFile};
use crate::secret::SecretBytes;

/// A blob that went through the filter.
#[derive(Debug)]
pub(crate) enum Smudged {
    /// Its plaintext, proven authentic.
    Decrypted(SecretBytes),
    /// The blob itself, since it is not encrypted.
    NotEncrypted(SecretBytes),
}

/// Decrypts the blob that `source` gives; one that is not encrypted comes back as it is.
pub(crate) fn smudge(
    keys: &KeyFile,
    source: &mut (impl Read + Send),
) -> Result<Smudged, FilterError> {
    // The first chunk tells; the source is read to its end all the same, since Git waits until it is.
    let mut begun = None;
    let mut blob = SecretBytes::read_with(source, |chunk| match &mut begun {
        None => {
            let header = Header::parse(chunk);
            let mut decryption =
                header.map(|header| header.map(|header| BlobDecryption::new(keys, header)));
            if let Ok(Some(decryption)) = &mut decryption {
                decryption.apply(&mut chunk[Header::LEN..]);
            }
            begun = Some(decryption);
        }
        Some(Ok(Some(decryption))) => decryption.apply(chunk),
        Some(Ok(None) | Err(_)) => {}
    })
    .map_err(FilterError::Read)?;
    match begun.transpose()?.flatten() {
        None => Ok(Smudged::NotEncrypted(blob)),
        Some(decryption) => {
            blob.discard_beginning(Header::LEN);
            decryption.prove(&mut blob)?;
            Ok(Smudged::Decrypted(blob))
        }
    }
}
