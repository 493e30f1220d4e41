//! Keys that were rotated out, kept for history, and the two keys of a rotation that is under way.
//!
//! Both lie beside git-crypt's key store, in a directory of our own, since git-crypt takes every file in its store for a
//! key that is in use.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::keys::{read_key_file, remove_if_there, sweep};
use super::secret_file::{TEMPORARY_PREFIX, write_secret_file};
use crate::format::{KeyFile, KeyName};
use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;

/// A rotation that is not finished yet.
pub struct Rotation {
    /// The key before.
    pub old: KeyFile,
    /// The key after.
    pub new: KeyFile,
    /// All of it is done but for the commit.
    pub is_staged: bool,
}

impl Repository {
    /// The keys that `name` once was, the last one first.
    pub(in crate::repository) fn retired_keys(
        &self,
        name: &KeyName,
    ) -> Result<Vec<KeyFile>, RepositoryError> {
        let mut keys = Vec::new();
        for number in (0..self.count_retired(name)).rev() {
            let path = self.retired_directory(name).join(number.to_string());
            keys.push(read_key_file(path)?);
        }
        Ok(keys)
    }

    /// Keeps a key that another one takes the place of, to open what it has encrypted.
    pub fn retire_key(&self, key: &KeyFile) -> Result<(), RepositoryError> {
        if self.is_retired(key)? {
            return Ok(());
        }
        let name = key.name();
        let number = self.count_retired(name).to_string();
        self.write_key(key, self.retired_directory(name), &number)
    }

    /// True where it is kept that way.
    pub fn is_retired(&self, key: &KeyFile) -> Result<bool, RepositoryError> {
        let mut bytes = key.to_bytes();
        let retired = self.retired_keys(key.name())?;
        let mut retired = retired.iter().map(KeyFile::to_bytes);
        Ok(retired.any(|mut retired| retired.expose() == bytes.expose()))
    }

    /// Forgets the key that was retired last, if it is this one.
    pub fn forget_retired_key(&self, key: &KeyFile) -> Result<(), RepositoryError> {
        let name = key.name();
        let last = self.retired_keys(name)?.into_iter().next();
        if last.is_some_and(|last| last.to_bytes().expose() == key.to_bytes().expose()) {
            let number = self.count_retired(name) - 1;
            remove_if_there(&self.retired_directory(name).join(number.to_string()))?;
        }
        Ok(())
    }

    /// Forgets all keys that `name` once was, and a rotation under way.
    pub(in crate::repository) fn remove_retired_keys(
        &self,
        name: &KeyName,
    ) -> Result<(), RepositoryError> {
        self.end_rotation(name)?;
        remove_directory(&self.retired_directory(name))
    }

    /// The rotation of `name` that is under way, if there is one.
    pub fn rotation(&self, name: &KeyName) -> Result<Option<Rotation>, RepositoryError> {
        let directory = self.rotation_directory(name);
        // The old key is written last: without it nothing has happened yet.
        if !directory.join("old").is_file() {
            return Ok(None);
        }
        Ok(Some(Rotation {
            old: read_key_file(directory.join("old"))?,
            new: read_key_file(directory.join("new"))?,
            is_staged: directory.join("staged").is_file(),
        }))
    }

    /// Writes down that `rotation` is under way.
    pub fn begin_rotation(&self, rotation: &Rotation) -> Result<(), RepositoryError> {
        let directory = self.rotation_directory(rotation.new.name());
        self.write_key(&rotation.new, directory.clone(), "new")?;
        self.write_key(&rotation.old, directory, "old")
    }

    /// Writes down whether all of it is done but for the commit.
    pub fn mark_rotation(&self, name: &KeyName, is_staged: bool) -> Result<(), RepositoryError> {
        let mark = self.rotation_directory(name).join("staged");
        match is_staged {
            true => fs::write(&mark, "").map_err(RepositoryError::file("writing", &mark)),
            false => remove_if_there(&mark).map(drop),
        }
    }

    /// Writes down that it is over.
    pub fn end_rotation(&self, name: &KeyName) -> Result<(), RepositoryError> {
        let directory = self.rotation_directory(name);
        remove_if_there(&directory.join("old"))?;
        remove_directory(&directory)
    }

    fn write_key(
        &self,
        key: &KeyFile,
        directory: PathBuf,
        file_name: &str,
    ) -> Result<(), RepositoryError> {
        fs::create_dir_all(&directory).map_err(RepositoryError::file("creating", &directory))?;
        let path = directory.join(file_name);
        write_secret_file(&path, &directory, &key.to_bytes(), true)
            .map_err(RepositoryError::file("writing the key", &path))?;
        sweep(&directory, TEMPORARY_PREFIX)
            .map_err(RepositoryError::file("cleaning up", &directory))
    }

    fn count_retired(&self, name: &KeyName) -> usize {
        let directory = self.retired_directory(name);
        let there = |number: &usize| directory.join(number.to_string()).is_file();
        (0..).take_while(there).count()
    }

    fn retired_directory(&self, name: &KeyName) -> PathBuf {
        self.own_directory("retired", name)
    }

    fn rotation_directory(&self, name: &KeyName) -> PathBuf {
        self.own_directory("rotation", name)
    }

    fn own_directory(&self, kind: &str, name: &KeyName) -> PathBuf {
        let own = self.common_dir().join("hs-secrets").join(kind);
        own.join(name.file_name())
    }
}

/// Removes a directory of keys with all that is in it.
fn remove_directory(directory: &Path) -> Result<(), RepositoryError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RepositoryError::file("removing", directory)(error))
        }
        _ => Ok(()),
    }
}
