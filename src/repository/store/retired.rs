//! Retired keys, which a rotation has replaced and which still open history, and the two keys of an unfinished rotation.
//!
//! They lie in this program's own folder, beside git-crypt's key store: git-crypt takes every file in its store for a
//! key in use.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::key_store::{KeyStore, is_there, read_key_file, remove_if_there};
use crate::format::{KeyFile, KeyName};
use crate::repository::error::RepositoryError;
use crate::repository::files::private_files::{
    create_private_folder, sweep_private_folder, write_secret_file,
};
use crate::secret::SecretBytes;

/// A rotation that is not finished yet.
pub(crate) struct Rotation {
    /// The key before the rotation.
    pub old: KeyFile,
    /// The key after the rotation.
    pub new: KeyFile,
    /// True if only the commit is missing.
    pub is_staged: bool,
    /// Notes of the code that began the rotation, for continuing or undoing it. Empty if an earlier version of this
    /// program began it.
    pub note: String,
}

impl KeyStore<'_> {
    /// The folder for what this program keeps in the Git directory and git-crypt does not know.
    pub(crate) fn own_folder(self) -> PathBuf {
        self.common_dir.join("hs-secrets")
    }

    /// The retired keys of `name`, the latest first.
    pub(super) fn retired(self, name: &KeyName) -> Result<Vec<KeyFile>, RepositoryError> {
        let places = self.retired_places(name)?.into_iter();
        Ok(places.map(|(_, key)| key).collect())
    }

    /// The retired keys of `name`, with the paths of their files, the latest first.
    pub(crate) fn retired_places(
        self,
        name: &KeyName,
    ) -> Result<Vec<(PathBuf, KeyFile)>, RepositoryError> {
        let folder = self.retired_folder(name);
        let numbers = (0..count(&folder)?).rev();
        let places = numbers.map(|number| folder.join(number.to_string()));
        places
            .map(|place| Ok((place.clone(), read_key_file(place)?)))
            .collect()
    }

    /// Keeps a key that is being replaced, so that it can still decrypt what it has encrypted.
    pub(crate) fn retire(self, key: &KeyFile) -> Result<(), RepositoryError> {
        if self.is_retired(key)? {
            return Ok(());
        }
        let folder = self.retired_folder(key.name());
        let number = count(&folder)?.to_string();
        write_key(key, &folder, &number)
    }

    /// True if this key is among the retired ones.
    pub(crate) fn is_retired(self, key: &KeyFile) -> Result<bool, RepositoryError> {
        let retired = self.retired(key.name())?;
        Ok(retired.iter().any(|retired| retired.is_same(key)))
    }

    /// Removes this key from the retired ones. The one that was retired last gets its number.
    pub(crate) fn forget_retired(self, key: &KeyFile) -> Result<(), RepositoryError> {
        let folder = self.retired_folder(key.name());
        let mut retired = self.retired(key.name())?.into_iter().rev();
        let number = retired.position(|one| one.is_same(key));
        if let Some(number) = number {
            let place = folder.join(number.to_string());
            let last = folder.join((count(&folder)? - 1).to_string());
            if place == last {
                remove_if_there(&place)?;
            } else {
                fs::rename(&last, &place)
                    .map_err(RepositoryError::file("forgetting the key", &place))?;
            }
        }
        Ok(())
    }

    /// Removes all retired keys of `name`, and an unfinished rotation.
    pub(super) fn remove_retired(self, name: &KeyName) -> Result<(), RepositoryError> {
        self.end_rotation(name)?;
        remove_folder(&self.retired_folder(name))
    }

    /// The unfinished rotation of `name`, if there is one.
    pub(crate) fn rotation(self, name: &KeyName) -> Result<Option<Rotation>, RepositoryError> {
        let folder = self.rotation_folder(name);
        // The old key is written last. Without it, the rotation has not begun.
        if !is_there(&folder.join("old"))? {
            return Ok(None);
        }
        Ok(Some(Rotation {
            old: read_key_file(folder.join("old"))?,
            new: read_key_file(folder.join("new"))?,
            is_staged: is_there(&folder.join("staged"))?,
            note: read_note(&folder.join("note"))?,
        }))
    }

    /// Records that `rotation` has begun.
    pub(crate) fn begin_rotation(self, rotation: &Rotation) -> Result<(), RepositoryError> {
        let folder = self.rotation_folder(rotation.new.name());
        create_private_folder(&folder)?;
        let note = folder.join("note");
        let text = SecretBytes::copy_of(rotation.note.as_bytes());
        write_secret_file(&note, &folder, &text, true)
            .map_err(RepositoryError::file("writing", &note))?;
        write_key(&rotation.new, &folder, "new")?;
        write_key(&rotation.old, &folder, "old")
    }

    /// Records whether only the commit is missing.
    pub(crate) fn mark_rotation(
        self,
        name: &KeyName,
        is_staged: bool,
    ) -> Result<(), RepositoryError> {
        let folder = self.rotation_folder(name);
        let mark = folder.join("staged");
        if !is_staged {
            return remove_if_there(&mark).map(drop);
        }
        let nothing = SecretBytes::copy_of(b"");
        write_secret_file(&mark, &folder, &nothing, true)
            .map_err(RepositoryError::file("writing", &mark))
    }

    /// Records that the rotation is over.
    pub(crate) fn end_rotation(self, name: &KeyName) -> Result<(), RepositoryError> {
        let folder = self.rotation_folder(name);
        remove_if_there(&folder.join("old"))?;
        remove_folder(&folder)
    }

    fn retired_folder(self, name: &KeyName) -> PathBuf {
        self.own_folder().join("retired").join(name.file_name())
    }

    fn rotation_folder(self, name: &KeyName) -> PathBuf {
        self.own_folder().join("rotation").join(name.file_name())
    }
}

/// How many retired keys are in `folder`; their files are numbered from 0.
fn count(folder: &Path) -> Result<usize, RepositoryError> {
    let mut count = 0;
    while is_there(&folder.join(count.to_string()))? {
        count += 1;
    }
    Ok(count)
}

fn read_note(path: &Path) -> Result<String, RepositoryError> {
    if !is_there(path)? {
        return Ok(String::new());
    }
    fs::read_to_string(path).map_err(RepositoryError::file("reading", path))
}

fn write_key(key: &KeyFile, folder: &Path, file_name: &str) -> Result<(), RepositoryError> {
    create_private_folder(folder)?;
    let path = folder.join(file_name);
    write_secret_file(&path, folder, &key.to_bytes(), true)
        .map_err(RepositoryError::file("writing the key", &path))?;
    sweep_private_folder(folder).map_err(RepositoryError::file("cleaning up", folder))
}

/// Removes a folder of keys with its content.
fn remove_folder(folder: &Path) -> Result<(), RepositoryError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RepositoryError::file("removing", folder)(error))
        }
        _ => Ok(()),
    }
}
