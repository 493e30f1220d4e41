//! Reads a file of variables: neither secret nor config, but it may be encrypted as they are.

use super::error::SourceError;
use super::keys::decrypting;
use super::sources::Sources;
use crate::format::Header;
use crate::repository::BlobId;
use crate::secret::SecretBytes;

/// No file of variables is longer; a wrong file is refused before it fills the memory.
const LONGEST_ENV_FILE: u64 = 4 << 20;

impl Sources<'_> {
    /// The plaintext of a file that is neither secret nor config.
    pub(crate) fn plaintext_of(&self, path: &str) -> Result<SecretBytes, SourceError> {
        let found = self.tree.find(path)?.ok_or_else(|| self.missing(path))?;
        let length = self.tree.len(&found)?;
        if length > LONGEST_ENV_FILE {
            return Err(SourceError::TooLong {
                path: found.path,
                length,
            });
        }
        let content = self.tree.read(&found)?;
        let path = &found.path;
        let header = Header::parse(content.expose_beginning()).map_err(decrypting(path))?;
        match header {
            None => Ok(content),
            Some(_) => {
                let named = self.named_key(path)?;
                self.keys.decrypt(path, content, named.as_ref())
            }
        }
    }

    /// The id of such a file: Git's own in a commit, that of what lies there in a work tree.
    pub(crate) fn blob_of(&self, path: &str) -> Result<String, SourceError> {
        let found = self.tree.find(path)?.ok_or_else(|| self.missing(path))?;
        let id = match found.blob {
            Some(blob) => blob,
            None => BlobId::of_content(self.tree.read(&found)?.expose()),
        };
        Ok(id.to_string())
    }

    /// True where files are read as they lie in the work tree.
    pub(crate) fn in_work_tree(&self) -> bool {
        self.tree.commit().is_none()
    }
}
