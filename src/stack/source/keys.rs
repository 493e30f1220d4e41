//! The keys that are here, and what they make of blobs.

use std::cell::OnceCell;

use super::error::SourceError;
use crate::format::{BlobError, Header, KeyFile, KeyName, decrypt, encrypt};
use crate::repository::{BlobId, Repository};
use crate::secret::SecretBytes;

/// The keys of a repository, read when the first one is needed.
pub(crate) struct Keys<'repository> {
    repository: &'repository Repository,
    loaded: OnceCell<Vec<KeyFile>>,
}

impl<'repository> Keys<'repository> {
    /// Nothing is read yet.
    pub(crate) fn new(repository: &'repository Repository) -> Self {
        Self {
            repository,
            loaded: OnceCell::new(),
        }
    }

    /// All keys, the default one first; none where the repository is locked.
    pub(crate) fn all(&self) -> Result<&[KeyFile], SourceError> {
        if let Some(keys) = self.loaded.get() {
            return Ok(keys);
        }
        let mut keys = Vec::new();
        for name in self.repository.keys().names()? {
            keys.push(self.repository.keys().load(&name)?);
        }
        keys.sort_by_key(|key| key.name().name().is_some());
        Ok(self.loaded.get_or_init(|| keys))
    }

    /// Decrypts a blob with the key that is `named`, or with whichever fits: a blob does not say.
    pub(crate) fn decrypt(
        &self,
        path: &str,
        mut blob: SecretBytes,
        named: Option<&KeyName>,
    ) -> Result<SecretBytes, SourceError> {
        let failed = decrypting(path);
        let header = Header::parse(blob.expose_beginning())
            .and_then(|header| header.ok_or(BlobError::NotAuthentic))
            .map_err(&failed)?;
        let keys = self.all()?;
        if keys.is_empty() {
            return Err(SourceError::Locked {
                doing: "decrypting",
                path: path.to_owned(),
            });
        }
        blob.discard_beginning(Header::LEN);
        let is_named = |key: &&KeyFile| named == Some(key.name());
        let (first, others): (Vec<&KeyFile>, Vec<&KeyFile>) = keys.iter().partition(is_named);
        for key in first.into_iter().chain(others) {
            match decrypt(key, header, &mut blob) {
                Ok(()) => return Ok(blob),
                Err(BlobError::NotAuthentic) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(BlobError::NotAuthentic))
    }
}

/// The id of the blob that `key` makes of `content`.
pub(crate) fn encrypted_id(key: &KeyFile, content: &SecretBytes) -> BlobId {
    let mut ciphertext = copy(content);
    let header = encrypt(key, &mut ciphertext).expect("Swarm's limits are below the format's");
    let blob = [&header.to_bytes()[..], ciphertext.expose()].concat();
    BlobId::of_content(&blob)
}

/// For [`Result::map_err`] on what is done to the blob at `path`.
pub(crate) fn decrypting(path: &str) -> impl Fn(BlobError) -> SourceError {
    move |source| SourceError::Decrypt {
        path: path.to_owned(),
        source,
    }
}

/// A second copy, wiped like the first one.
pub(crate) fn copy(bytes: &SecretBytes) -> SecretBytes {
    let mut copy = SecretBytes::default();
    bytes.expose_chunks().for_each(|chunk| copy.append(chunk));
    copy
}
