//! Clean: turns plaintext from the work tree into what Git stores.

use std::io::Read;

use super::destination::StoredBlob;
use super::long_clean::clean_long;
use super::spool::MAXIMUM_HELD;
use super::{Destination, FilterError, Filtered, Smudged, smudge};
use crate::format::{BlobEncryption, Header, KeyFile, is_authentic};
use crate::secret::SecretBytes;

/// Encrypts all of `source`.
///
/// There are exceptions, in which the content or a stored blob is returned instead:
///
/// - The content is already encrypted with one of `keys`. In a half-unlocked repository, the work tree has ciphertext,
///   which must not be encrypted twice.
/// - The content is ciphertext that no key here opens, but Git has exactly this blob at the `destination`.
/// - Git has the same plaintext at the `destination`, encrypted with a retired key. The stored blob is returned, so
///   that a file of an old commit does not look modified after a checkout.
/// - The content is empty, and may be stored empty. If Git has it encrypted, that blob is returned; otherwise it stays
///   empty.
pub(crate) fn clean(
    keys: &KeyFile,
    source: &mut (impl Read + Send),
    destination: &impl Destination,
) -> Result<Filtered, FilterError> {
    let mut encryption = BlobEncryption::new(keys);
    let (mut content, is_whole) =
        SecretBytes::read_up_to(source, MAXIMUM_HELD, |chunk| encryption.update(chunk))
            .map_err(FilterError::Read)?;
    if !is_whole {
        return clean_long(keys, encryption, content, source, destination);
    }
    if Header::is_in(content.expose_beginning()) {
        let length = content.len().saturating_sub(Header::LEN);
        let stored = || destination.blobs(length).into_iter().filter_map(held);
        if is_authentic(keys, content.expose_chunks())
            || stored().any(|blob| content.expose() == blob)
        {
            return Ok(Filtered::as_it_is(content));
        }
    }
    let left_empty = content.is_empty() && destination.leaves_empty();
    if keys.has_retired() || left_empty {
        for blob in destination
            .blobs(content.len())
            .into_iter()
            .filter_map(held)
        {
            if let Ok(Smudged::Decrypted(mut same)) = smudge(keys, &mut &blob[..])
                && same.expose() == content.expose()
            {
                return Ok(Filtered::as_it_is(SecretBytes::from_vec(blob)));
            }
        }
    }
    if left_empty {
        return Ok(Filtered::as_it_is(content));
    }
    let (header, stream) = encryption.finish(content.len())?;
    Ok(Filtered::encrypted(header, stream, content))
}

/// Reads a stored blob; `None` if that fails.
fn held(mut blob: StoredBlob<'_>) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    blob.read_to_end(&mut content).ok()?;
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;

    fn cleaned(keys: &KeyFile, content: &[u8]) -> Vec<u8> {
        let mut written = Vec::new();
        let filtered = clean(keys, &mut &content[..], &()).expect("short enough");
        filtered
            .write_to(&mut written)
            .expect("memory takes everything");
        written
    }

    #[test]
    fn ciphertext_of_this_key_is_left_alone() {
        let blob = cleaned(&key("default", 1), b"password");
        assert_eq!(cleaned(&key("default", 1), &blob), blob);
    }

    #[test]
    fn what_only_looks_encrypted_is_encrypted() {
        let foreign = cleaned(&key("default", 2), b"password");
        let twice = cleaned(&key("default", 1), &foreign);
        assert_eq!(twice.len(), foreign.len() + Header::LEN);
        assert_eq!(
            cleaned(&key("default", 1), b"\0GITCRYPT\0")[..10],
            *b"\0GITCRYPT\0"
        );
    }
}
