//! Clean: plaintext from the work tree becomes what Git stores.

use super::Filtered;
use crate::format::{BlobError, Header, KeyFile, encrypt, is_authentic};
use crate::secret::SecretBytes;

/// Encrypts `content`, unless it is encrypted under this key already: then it is left as it is, so that ciphertext in
/// the work tree of a half-unlocked repository is not encrypted twice.
pub fn clean(keys: &KeyFile, mut content: SecretBytes) -> Result<Filtered, BlobError> {
    if Header::is_in(content.expose_beginning()) && is_authentic(keys, content.expose_chunks()) {
        return Ok(Filtered {
            header: None,
            content,
        });
    }
    let header = encrypt(keys, &mut content)?;
    Ok(Filtered {
        header: Some(header),
        content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{FileKey, KeyName};

    fn keys(seed: u8) -> KeyFile {
        KeyFile::of_one(
            KeyName::default(),
            FileKey::build(0, |material| material.fill(seed)),
        )
    }

    fn cleaned(keys: &KeyFile, content: &[u8]) -> Vec<u8> {
        let mut written = Vec::new();
        let filtered = clean(keys, SecretBytes::copy_of(content)).expect("short enough");
        filtered
            .write_to(&mut written)
            .expect("memory takes everything");
        written
    }

    #[test]
    fn ciphertext_of_this_key_is_left_alone() {
        let blob = cleaned(&keys(1), b"password");
        assert_eq!(cleaned(&keys(1), &blob), blob);
    }

    #[test]
    fn what_only_looks_encrypted_is_encrypted() {
        let foreign = cleaned(&keys(2), b"password");
        let twice = cleaned(&keys(1), &foreign);
        assert_eq!(twice.len(), foreign.len() + Header::LEN);
        assert_eq!(cleaned(&keys(1), b"\0GITCRYPT\0")[..10], *b"\0GITCRYPT\0");
    }
}
