//! Which files are to be encrypted: the attributes `filter`, `diff` and `merge`.

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
    /// True where its `merge` attribute fits, so that plaintext is merged.
    pub merge_set: bool,
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
        let set = |attribute: &str| {
            let value = self.attribute(path, attribute);
            value.map(|value| value.as_ref() == Some(&filter))
        };
        Ok(Some(Encryption {
            diff_set: set("diff")?,
            merge_set: set("merge")?,
            key,
        }))
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
