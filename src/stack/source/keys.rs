//! The available keys, with which blobs are decrypted.

use std::cell::OnceCell;

use super::error::SourceError;
use crate::format::{BlobError, Header, KeyFile, KeyName, decrypt, encrypt};
use crate::repository::{BlobId, Objects, Repository};
use crate::secret::SecretBytes;

/// The keys of a repository, read when the first one is needed.
pub(crate) struct Keys<'repository> {
    repository: &'repository Repository,
    /// The current keys, without retired ones. Empty until they are read.
    current: OnceCell<Vec<KeyFile>>,
}

/// The plaintext of a blob.
pub(crate) struct Opened {
    pub(crate) content: SecretBytes,
    /// True if it was decrypted with a retired key, from before a rotation.
    pub(crate) by_retired: bool,
}

impl<'repository> Keys<'repository> {
    /// The keys of `repository`. None of them is read yet.
    pub(crate) fn new(repository: &'repository Repository) -> Self {
        Self {
            repository,
            current: OnceCell::new(),
        }
    }

    /// All current keys, the default one first. Empty if the repository is locked.
    fn all(&self) -> Result<&[KeyFile], SourceError> {
        if let Some(keys) = self.current.get() {
            return Ok(keys);
        }
        let store = self.repository.keys();
        let mut keys = Vec::new();
        for name in store.names()? {
            keys.push(store.load(&name)?.without_retired());
        }
        keys.sort_by_key(|key| key.name().name().is_some());
        Ok(self.current.get_or_init(|| keys))
    }

    /// The default key if there is one, otherwise the first of the others.
    pub(crate) fn first(&self) -> Result<Option<&KeyFile>, SourceError> {
        Ok(self.all()?.first())
    }

    /// The key of this name, if it is available.
    pub(crate) fn find(&self, name: &KeyName) -> Result<Option<&KeyFile>, SourceError> {
        Ok(self.all()?.iter().find(|key| key.name() == name))
    }

    /// Decrypts the blob at `path` with the key of this name, or with an earlier key of this name from before a rotation.
    pub(crate) fn open(
        &self,
        path: &str,
        mut blob: SecretBytes,
        name: &KeyName,
    ) -> Result<Opened, SourceError> {
        let failed = |source| SourceError::Decrypt {
            path: path.to_owned(),
            key: name.clone(),
            source,
        };
        let header = Header::parse(blob.expose_beginning())
            .and_then(|header| header.ok_or(BlobError::NotAuthentic))
            .map_err(failed)?;
        let Some(key) = self.find(name)? else {
            return Err(self.missing("decrypting", path, name)?);
        };
        blob.discard_beginning(Header::LEN);
        let by_current = decrypt(key, header, &mut blob);
        let by_retired = by_current == Err(BlobError::NotAuthentic);
        let opened = if by_retired {
            let with_retired = self.repository.keys().load(name)?;
            decrypt(&with_retired, header, &mut blob)
        } else {
            by_current
        };
        opened.map_err(failed)?;
        Ok(Opened {
            content: blob,
            by_retired,
        })
    }

    /// The error for a key that is missing.
    pub(crate) fn missing(
        &self,
        doing: &'static str,
        path: &str,
        name: &KeyName,
    ) -> Result<SourceError, SourceError> {
        let path = path.to_owned();
        Ok(if self.all()?.is_empty() {
            SourceError::Locked { doing, path }
        } else {
            let key = name.clone();
            SourceError::KeyNotHere { doing, path, key }
        })
    }
}

/// The id of the blob that results if `content` is encrypted with `key`.
pub(crate) fn encrypted_id(objects: Objects<'_>, key: &KeyFile, content: &SecretBytes) -> BlobId {
    let mut ciphertext = copy(content);
    let header = encrypt(key, &mut ciphertext).expect("Swarm's limits are below the format's");
    let blob = [&header.to_bytes()[..], ciphertext.expose()].concat();
    objects.id_of(&blob)
}

/// A second copy, which is wiped after use as well.
pub(crate) fn copy(bytes: &SecretBytes) -> SecretBytes {
    let mut chunks = bytes.expose_chunks();
    let first = chunks.next().map(SecretBytes::copy_of);
    let mut copy = first.unwrap_or_default();
    chunks.for_each(|chunk| copy.append(chunk));
    copy
}
