//! Reads files that may be encrypted but are neither secrets nor configs, such as files of variables.

use super::content::{Held, HeldContent};
use super::error::SourceError;
use super::managed_file::{DIRTY, MAXIMUM_LENGTH};
use super::sources::Sources;
use super::tree::FoundFile;
use crate::format::Header;
use crate::repository::{BlobId, PathBytes};
use crate::secret::SecretBytes;

impl Sources<'_> {
    /// The plaintext of a file that is neither secret nor config.
    pub(crate) fn plaintext_of(&self, path: &str) -> Result<SecretBytes, SourceError> {
        let (found, content) = self.read_at(path)?;
        let is_plain = !Header::is_in(content.expose_beginning());
        let content = self.plaintext(&found.path, content)?;
        if is_plain && self.in_work_tree() {
            self.check_plaintext_of_retired(&found.path, &content)?;
        }
        Ok(content)
    }

    /// Decrypts bytes that were read at `path`, if they are ciphertext.
    pub(crate) fn plaintext(
        &self,
        path: &str,
        bytes: SecretBytes,
    ) -> Result<SecretBytes, SourceError> {
        match self.held(path, bytes)? {
            Held::Plain(content) => Ok(content),
            Held::Encrypted { blob, key } => self.open(path, &HeldContent::encrypted(blob, key)),
        }
    }

    /// The blob id of a file of variables or a stack file. In a work tree, this is the id that the file would get in Git:
    /// the id of its ciphertext, if the file must be encrypted and the key is available.
    pub(crate) fn blob_of(&self, path: &str) -> Result<BlobId, SourceError> {
        let found = self.find(path)?;
        if let Some(blob) = found.blob {
            return Ok(blob);
        }
        let (found, mut content) = self.read_at(path)?;
        let repository = self.tree.repository;
        let path = PathBytes::new(found.path.as_bytes());
        let is_ciphertext = Header::is_in(content.expose_beginning());
        let key = self.named_keys.of(&found.path)?;
        match key {
            Some(key) if !is_ciphertext && self.keys.find(&key)?.is_some() => {
                self.id_when_encrypted(&path, &key, &content)
            }
            None if !is_ciphertext => Ok(repository
                .work_tree()
                .id_when_stored(&path, content.expose())?),
            _ => Ok(repository.objects().id_of(content.expose())),
        }
    }

    /// True if the checked-out commit has a different content at `path` than the work tree.
    pub(crate) fn is_uncommitted(&self, path: &str) -> Result<bool, SourceError> {
        if !self.in_work_tree() {
            return Ok(false);
        }
        let path = self.find(path)?.path;
        let label = self.commit_label(&path, self.blob_of(&path)?)?;
        Ok(label.is_none_or(|commit| commit.ends_with(DIRTY)))
    }

    /// True if Git stores the file in plaintext, so that everybody who can read the repository can read the file.
    pub(crate) fn is_plaintext_in_git(&self, path: &str) -> Result<bool, SourceError> {
        let found = self.find(path)?;
        if self.named_keys.of(&found.path)?.is_some() {
            return Ok(false);
        }
        let repository = self.tree.repository;
        let blob = match found.blob {
            Some(blob) => Some(blob),
            // A later commit may have removed the attribute and left the encrypted file unchanged.
            None => {
                let path = PathBytes::new(found.path.as_bytes());
                self.staged_blob(&path)?
            }
        };
        match blob {
            Some(blob) => Ok(!repository.objects().is_encrypted(blob)?),
            None => Ok(false),
        }
    }

    /// The file at `path` and its bytes, encrypted or not.
    fn read_at(&self, path: &str) -> Result<(FoundFile, SecretBytes), SourceError> {
        let found = self.find(path)?;
        let length = self.tree.len(&found)?;
        if length > MAXIMUM_LENGTH {
            let path = found.path;
            return Err(SourceError::TooLong { path, length });
        }
        let content = self.read(&found, length)?;
        Ok((found, content))
    }

    /// True if files are read from the work tree, false if from a commit.
    pub(crate) fn in_work_tree(&self) -> bool {
        self.tree.commit().is_none()
    }
}
