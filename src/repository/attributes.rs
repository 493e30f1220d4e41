//! Which files are to be encrypted: the attributes `filter` and `diff`.

use git2::AttrCheckFlags;

use super::index::PathBytes;
use super::open::{Repository, RepositoryError};
use crate::format::KeyName;

/// What the attributes of a path say about its encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// The key that its `filter` attribute chooses.
    pub key: KeyName,
    /// True where its `diff` attribute fits, so that `git diff` shows plaintext.
    pub diff_set: bool,
}

impl Repository {
    /// How `path` (relative to the top of the work tree) is to be encrypted; `None` where it is not.
    pub fn encryption_of(&self, path: &PathBytes) -> Result<Option<Encryption>, RepositoryError> {
        let Some(filter) = self.attribute(path, "filter")? else {
            return Ok(None);
        };
        let Some(key) = KeyName::of_driver(&filter) else {
            return Ok(None);
        };
        let diff_set = self
            .attribute(path, "diff")?
            .is_some_and(|diff| diff == filter);
        Ok(Some(Encryption { key, diff_set }))
    }

    pub(super) fn attribute(
        &self,
        path: &PathBytes,
        name: &str,
    ) -> Result<Option<String>, RepositoryError> {
        let value = self
            .git
            .get_attr_bytes(&path.to_path(), name, AttrCheckFlags::FILE_THEN_INDEX)
            .map_err(RepositoryError::git(format!(
                "reading the attribute `{name}` of {path}"
            )))?;
        Ok(value.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }
}
