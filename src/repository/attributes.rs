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
            .attribute_reader()?
            .get_attr_bytes(&path.to_path(), name, AttrCheckFlags::FILE_THEN_INDEX)
            .map_err(RepositoryError::git(format!(
                "reading the attribute `{name}` of {path}"
            )))?;
        Ok(value.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }

    /// A handle whose index holds only those `.gitattributes` that the work tree lacks: libgit2 adds the rules of the
    /// index to those of the work tree, where Git takes the index's in their place (gitattributes(5)).
    fn attribute_reader(&self) -> Result<&git2::Repository, RepositoryError> {
        if let Some(reader) = self.attribute_reader.get() {
            return Ok(reader);
        }
        let opened = self.open_attribute_reader();
        let reader = opened.map_err(RepositoryError::git("reading the attributes"))?;
        Ok(self.attribute_reader.get_or_init(|| reader))
    }

    fn open_attribute_reader(&self) -> Result<git2::Repository, git2::Error> {
        let reader = git2::Repository::open(self.git.path())?;
        let Some(work_tree) = self.git.workdir() else {
            return Ok(reader);
        };
        reader.set_workdir(work_tree, false)?;
        let mut missing = git2::Index::new()?;
        for entry in self.git.index()?.iter() {
            let path = PathBytes::new(entry.path.clone());
            let is_attributes =
                path.as_bytes().rsplit(|&byte| byte == b'/').next() == Some(b".gitattributes");
            if is_attributes && !work_tree.join(path.to_path()).exists() {
                missing.add(&entry)?;
            }
        }
        reader.set_index(&mut missing)?;
        Ok(reader)
    }
}
