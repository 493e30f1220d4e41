//! The blob id of a file whose content is plaintext: the id that it has in Git, or would get when added.

use super::content::{HeldContent, equal};
use super::error::SourceError;
use super::keys::encrypted_id;
use super::managed_file::IdentifiedFile;
use super::sources::Sources;
use super::tree::FoundFile;
use crate::format::{Header, KeyName};
use crate::repository::{BlobId, PathBytes};
use crate::secret::SecretBytes;
use crate::stack::names::ObjectKind;

impl Sources<'_> {
    /// The blob ids of a file whose bytes are plaintext, for an object of this `kind`.
    pub(crate) fn plain_file(
        &self,
        found: &FoundFile,
        kind: ObjectKind,
        mut content: SecretBytes,
    ) -> Result<IdentifiedFile, SourceError> {
        let path = PathBytes::new(found.path.as_bytes());
        let repository = self.tree.repository;
        let identified = |stored, named, content| IdentifiedFile {
            stored,
            named,
            content: HeldContent::plain(content),
            is_encrypted_in_git: false,
        };
        if let Some(blob) = found.blob {
            let named = match kind {
                ObjectKind::Config => blob,
                ObjectKind::Secret => self.id_if_encrypted(&found.path, &content)?,
            };
            return Ok(identified(blob, named, content));
        }
        if let Some(key) = self.named_keys.of(&found.path)? {
            let id = self.id_when_encrypted(&path, &key, &content)?;
            if kind == ObjectKind::Secret && !self.accepted.plaintext {
                self.check_staged(&found.path, id)?;
            }
            return Ok(IdentifiedFile {
                is_encrypted_in_git: true,
                ..identified(id, id, content)
            });
        }
        if kind == ObjectKind::Secret {
            let named = self.id_if_encrypted(&found.path, &content)?;
            let stored = repository
                .work_tree()
                .id_when_stored(&path, content.expose())?;
            return Ok(identified(stored, named, content));
        }
        let as_it_is = repository.objects().id_of(content.expose());
        if self.staged_blob(&path)? == Some(as_it_is) {
            return Ok(identified(as_it_is, as_it_is, content));
        }
        let id = repository
            .work_tree()
            .id_when_stored(&path, content.expose())?;
        if id.is_of(content.expose()) {
            return Ok(identified(id, id, content));
        }
        let stored = without_carriage_returns(content.expose());
        if id.is_of(&stored) {
            return Ok(identified(id, id, SecretBytes::from_vec(stored)));
        }
        Err(SourceError::Converted {
            path: found.path.clone(),
        })
    }

    /// Refuses plaintext that is equal to the content of a staged blob which only a retired key decrypts.
    pub(crate) fn check_plaintext_of_retired(
        &self,
        path: &str,
        content: &SecretBytes,
    ) -> Result<(), SourceError> {
        if let Some(key) = self.named_keys.of(path)?
            && self.keys.find(&key)?.is_some()
        {
            self.staged_with_content(&PathBytes::new(path.as_bytes()), &key, content)?;
        }
        Ok(())
    }

    /// Refuses the file of a secret if it is not staged, or is staged in plaintext.
    fn check_staged(&self, path: &str, id: BlobId) -> Result<(), SourceError> {
        let repository = self.tree.repository;
        let staged = self.staged_blob(&PathBytes::new(path.as_bytes()))?;
        let path = || path.to_owned();
        let staged = staged.ok_or_else(|| SourceError::Untracked { path: path() })?;
        if staged != id && !repository.objects().is_encrypted(staged)? {
            return Err(SourceError::StoredInPlaintext { path: path() });
        }
        Ok(())
    }

    /// The blob id of a file that its attributes encrypt. If the staged blob has the same plaintext, this is the id of that
    /// blob, even if encrypting again with a newer key would give another id.
    pub(crate) fn id_when_encrypted(
        &self,
        path: &PathBytes,
        name: &KeyName,
        content: &SecretBytes,
    ) -> Result<BlobId, SourceError> {
        let Some(key) = self.keys.find(name)? else {
            let doing = "telling the version of";
            return Err(self.keys.missing(doing, &path.to_string(), name)?);
        };
        let id = encrypted_id(self.tree.repository.objects(), key, content);
        let staged = self.staged_blob(path)?;
        if staged == Some(id) {
            return Ok(id);
        }
        Ok(self.staged_with_content(path, name, content)?.unwrap_or(id))
    }

    /// The staged blob, if the key decrypts it and its plaintext is `content`.
    fn staged_with_content(
        &self,
        path: &PathBytes,
        name: &KeyName,
        content: &SecretBytes,
    ) -> Result<Option<BlobId>, SourceError> {
        let repository = self.tree.repository;
        let Some(staged) = self.staged_blob(path)? else {
            return Ok(None);
        };
        if repository.objects().blob_len(staged)? != (content.len() + Header::LEN) as u64 {
            return Ok(None);
        }
        let blob = repository.objects().blob(staged)?;
        if !Header::is_in(blob.content()) {
            return Ok(None);
        }
        let path = path.to_string();
        let opened = self
            .keys
            .open(&path, SecretBytes::copy_of(blob.content()), name);
        match opened {
            Ok(opened) if equal(&opened.content, content) => {
                if opened.by_retired {
                    self.check_retired(&path, name)?;
                }
                Ok(Some(staged))
            }
            _ => Ok(None),
        }
    }

    /// The blob id that a secret in plaintext would have if it were encrypted. An error unless secrets in plaintext are
    /// accepted.
    fn id_if_encrypted(&self, path: &str, content: &SecretBytes) -> Result<BlobId, SourceError> {
        let path = path.to_owned();
        if !self.accepted.plaintext {
            return Err(SourceError::NotEncrypted { path });
        }
        let key = self.keys.first()?.ok_or(SourceError::Locked {
            doing: "telling the version of",
            path,
        })?;
        Ok(encrypted_id(self.tree.repository.objects(), key, content))
    }
}

fn without_carriage_returns(content: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(content.len());
    for (index, &byte) in content.iter().enumerate() {
        if byte != b'\r' || content.get(index + 1) != Some(&b'\n') {
            stored.push(byte);
        }
    }
    stored
}
