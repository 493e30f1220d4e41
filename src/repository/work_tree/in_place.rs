//! Ciphertext in the work tree that the index does not have, decrypted where it is. It comes, for example, from a stash
//! that was applied while the repository was locked.

use std::fs::File;

use super::top::WorkTree;
use crate::format::{Header, KeyFile, decrypt};
use crate::repository::error::RepositoryError;
use crate::repository::path::PathBytes;
use crate::secret::SecretBytes;

impl<'repository> WorkTree<'repository> {
    /// True if the file at `path` is ciphertext that one of `keys` can open.
    pub(crate) fn can_open_in_place(
        self,
        path: &PathBytes,
        keys: &[&KeyFile],
    ) -> Result<bool, RepositoryError> {
        Ok(self.opened_content(path, keys)?.is_some())
    }

    /// Replaces the file at `path` by its plaintext, in one step. A file that none of `keys` can open stays as it is.
    pub(crate) fn open_in_place(
        self,
        path: &PathBytes,
        keys: &[&KeyFile],
    ) -> Result<(), RepositoryError> {
        match self.opened_content(path, keys)? {
            Some(mut plaintext) => self.write(path.to_path(), plaintext.expose()),
            None => Ok(()),
        }
    }

    fn opened_content(
        self,
        path: &PathBytes,
        keys: &[&KeyFile],
    ) -> Result<Option<SecretBytes>, RepositoryError> {
        if !self.holds_ciphertext(path)? {
            return Ok(None);
        }
        let full = self.require("reading files")?.join(path.to_path());
        let mut content = File::open(&full)
            .and_then(|mut file| SecretBytes::read_from(&mut file))
            .map_err(RepositoryError::file("reading", &full))?;
        let Ok(Some(header)) = Header::parse(content.expose_beginning()) else {
            return Ok(None);
        };
        content.discard_beginning(Header::LEN);
        // A key that does not fit leaves the ciphertext unchanged for the next one.
        let mut keys = keys.iter();
        let is_open = keys.any(|key| decrypt(key, header, &mut content).is_ok());
        Ok(is_open.then_some(content))
    }
}
