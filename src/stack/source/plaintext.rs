//! A file that is plaintext here: the id that it has in Git, or would have there.

use super::content::{HeldContent, equal};
use super::error::SourceError;
use super::keys::encrypted_id;
use super::sources::Sources;
use super::tree::Found;
use crate::format::{Header, KeyName};
use crate::repository::{BlobId, PathBytes};
use crate::secret::SecretBytes;
use crate::stack::object_kind::ObjectKind;

impl Sources<'_> {
    /// Of a file that is plaintext here: the id that Git stores it by, the id it is named by, and its content.
    pub(crate) fn plaintext(
        &self,
        found: &Found,
        kind: ObjectKind,
        mut content: SecretBytes,
    ) -> Result<(BlobId, BlobId, HeldContent), SourceError> {
        let path = PathBytes::new(found.path.as_bytes());
        let repository = self.tree.repository;
        if let Some(blob) = found.blob {
            let named = match kind {
                ObjectKind::Config => blob,
                ObjectKind::Secret => self.id_if_encrypted(&found.path, &content)?,
            };
            return Ok((blob, named, HeldContent::plain(content)));
        }
        if let Some(encryption) = repository.attributes().encryption_of(&path)? {
            let id = self.id_when_encrypted(&path, &encryption.key, &content)?;
            if kind == ObjectKind::Secret && !self.allow_plaintext {
                let staged =
                    repository
                        .staged_blob(&path)?
                        .ok_or_else(|| SourceError::Untracked {
                            path: found.path.clone(),
                        })?;
                if staged != id && !repository.is_encrypted(staged)? {
                    return Err(SourceError::StoredInPlaintext {
                        path: found.path.clone(),
                    });
                }
            }
            return Ok((id, id, HeldContent::plain(content)));
        }
        if kind == ObjectKind::Secret {
            let named = self.id_if_encrypted(&found.path, &content)?;
            let stored = repository.id_when_stored(&path, content.expose())?;
            return Ok((stored, named, HeldContent::plain(content)));
        }
        let id = repository.id_when_stored(&path, content.expose())?;
        if BlobId::of_content(content.expose()) == id {
            return Ok((id, id, HeldContent::plain(content)));
        }
        let stored = without_carriage_returns(content.expose());
        if BlobId::of_content(&stored) == id {
            return Ok((id, id, HeldContent::plain(SecretBytes::from_vec(stored))));
        }
        Err(SourceError::Converted {
            path: found.path.clone(),
        })
    }

    /// The id of a file that its attributes have encrypted. Git's own blob stays what it is as long as the plaintext
    /// in it is the same, even where a newer key would give another.
    fn id_when_encrypted(
        &self,
        path: &PathBytes,
        key: &KeyName,
        content: &SecretBytes,
    ) -> Result<BlobId, SourceError> {
        let name = path.to_string();
        let repository = self.tree.repository;
        let keys = self.keys.all()?;
        let Some(key) = keys.iter().find(|known| known.name() == key) else {
            return Err(SourceError::Locked {
                doing: "telling the version of",
                path: name,
            });
        };
        let id = encrypted_id(key, content);
        let Some(staged) = repository.staged_blob(path)?.filter(|&staged| staged != id) else {
            return Ok(id);
        };
        let blob = repository.blob(staged)?;
        let same_length = blob.content().len() == content.len() + Header::LEN;
        if same_length && Header::is_in(blob.content()) {
            let staged_content = SecretBytes::copy_of(blob.content());
            let staged_content = self.keys.decrypt(&name, staged_content, Some(key.name()));
            if staged_content.is_ok_and(|staged| equal(&staged, content)) {
                return Ok(staged);
            }
        }
        Ok(id)
    }

    /// The id that a secret in plaintext would have if it were encrypted, where such secrets are allowed.
    fn id_if_encrypted(&self, path: &str, content: &SecretBytes) -> Result<BlobId, SourceError> {
        if !self.allow_plaintext {
            return Err(SourceError::NotEncrypted {
                path: path.to_owned(),
            });
        }
        let key = self
            .keys
            .all()?
            .first()
            .ok_or_else(|| SourceError::Locked {
                doing: "telling the version of",
                path: path.to_owned(),
            })?;
        Ok(encrypted_id(key, content))
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
