//! Reads a file of variables: neither secret nor config, but it may be encrypted as they are.

use super::content::{Held, HeldContent};
use super::error::SourceError;
use super::managed_file::MAXIMUM_LENGTH;
use super::sources::Sources;
use super::tree::FoundFile;
use crate::format::Header;
use crate::secret::SecretBytes;

impl Sources<'_> {
    /// The plaintext of a file that is neither secret nor config.
    pub(crate) fn plaintext_of(&self, path: &str) -> Result<SecretBytes, SourceError> {
        let (found, content) = self.variables(path)?;
        let is_plain = !Header::is_in(content.expose_beginning());
        let content = self.plaintext(&found.path, content)?;
        if is_plain && self.in_work_tree() {
            self.check_plaintext_of_retired(&found.path, &content)?;
        }
        Ok(content)
    }

    /// The plaintext of bytes that lie at `path`: opened if they are ciphertext there.
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

    /// The id of such a file: Git's own in a commit, that of what lies there in a work tree.
    pub(crate) fn blob_of(&self, path: &str) -> Result<String, SourceError> {
        let found = self.find(path)?;
        let id = match found.blob {
            Some(blob) => blob,
            None => {
                let mut content = self.variables(path)?.1;
                self.tree.repository.objects().id_of(content.expose())
            }
        };
        Ok(id.to_string())
    }

    /// The file at `path` and its bytes, as they lie there.
    fn variables(&self, path: &str) -> Result<(FoundFile, SecretBytes), SourceError> {
        let found = self.find(path)?;
        let length = self.tree.len(&found)?;
        if length > MAXIMUM_LENGTH {
            let path = found.path;
            return Err(SourceError::TooLong { path, length });
        }
        let content = self.read(&found, length)?;
        Ok((found, content))
    }

    /// True if files are read as they lie in the work tree.
    pub(crate) fn in_work_tree(&self) -> bool {
        self.tree.commit().is_none()
    }
}
