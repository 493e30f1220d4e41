//! Smudge: what Git stores becomes plaintext for the work tree, or for `git diff`.

use crate::format::{BlobError, Header, KeyFile, decrypt};
use crate::secret::SecretBytes;

/// What came of a blob.
#[derive(Debug)]
pub enum Smudged {
    /// Its plaintext, proven authentic.
    Decrypted(SecretBytes),
    /// The blob itself, since it is not encrypted.
    NotEncrypted(SecretBytes),
}

/// Decrypts `blob`; one that is not encrypted comes back as it is.
pub fn smudge(keys: &KeyFile, mut blob: SecretBytes) -> Result<Smudged, BlobError> {
    let Some(header) = Header::parse(blob.expose_beginning())? else {
        return Ok(Smudged::NotEncrypted(blob));
    };
    blob.discard_beginning(Header::LEN);
    decrypt(keys, header, &mut blob)?;
    Ok(Smudged::Decrypted(blob))
}
