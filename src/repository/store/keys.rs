//! The key store of an unlocked repository: `git-crypt/keys/` in the Git directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::secret_file::{TEMPORARY_PREFIX, write_secret_file};
use crate::format::{KeyFile, KeyName};
use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;
use crate::secret::forbid_core_dumps;

impl Repository {
    /// Where the key is, if it is here: first this work tree's own store (git-crypt's place), then the
    /// shared one, then those of linked work trees, where git-crypt may have left it.
    pub fn find_key(&self, name: &KeyName) -> Option<PathBuf> {
        self.key_stores()
            .map(|store| store.join(name.file_name()))
            .find(|path| path.is_file())
    }

    /// Reads the key from the store.
    pub fn load_key(&self, name: &KeyName) -> Result<KeyFile, RepositoryError> {
        let path = self
            .find_key(name)
            .ok_or_else(|| RepositoryError::NoKey { name: name.clone() })?;
        let retired = self.retired_keys(name)?;
        let key = read_key_file(path)?;
        Ok(retired.into_iter().fold(key, KeyFile::succeeding))
    }

    /// The names of the keys in the store, sorted.
    pub fn key_names(&self) -> Result<Vec<KeyName>, RepositoryError> {
        let mut names = Vec::new();
        for store in self.key_stores() {
            let entries = match fs::read_dir(&store) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    return Err(RepositoryError::file("listing the keys in", &store)(error));
                }
            };
            for entry in entries {
                let entry = entry.map_err(RepositoryError::file("listing the keys in", &store))?;
                names.extend(entry.file_name().to_str().and_then(KeyName::of_file_name));
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Puts the key into the store that all work trees share, in place of any other of its name: mode 0600, whole or
    /// not at all.
    pub fn store_key(&self, key: &KeyFile) -> Result<(), RepositoryError> {
        let store = self.common_dir().join("git-crypt").join("keys");
        fs::create_dir_all(&store).map_err(RepositoryError::file("creating", &store))?;
        let path = store.join(key.name().file_name());
        // Beside the directory, not in it: git-crypt takes every file in there for a key.
        let beside = store.with_file_name("");
        write_secret_file(&path, &beside, &key.to_bytes(), true)
            .map_err(RepositoryError::file("writing the key", &path))?;
        sweep(&beside, TEMPORARY_PREFIX).map_err(RepositoryError::file("cleaning up", &beside))?;
        // Another store's key of that name would be found first.
        let others = self.key_stores().filter(|other| *other != store);
        for other in others.collect::<Vec<_>>() {
            remove_if_there(&other.join(key.name().file_name()))?;
        }
        Ok(())
    }

    /// Removes the key from all stores; true where there was one.
    pub fn remove_key(&self, name: &KeyName) -> Result<bool, RepositoryError> {
        let mut removed = false;
        for store in self.key_stores() {
            removed |= remove_if_there(&store.join(name.file_name()))?;
        }
        self.remove_retired_keys(name)?;
        Ok(removed)
    }

    fn key_stores(&self) -> impl Iterator<Item = PathBuf> {
        let own = self.git_dir().to_owned();
        let shared = self.common_dir().to_owned();
        let different = (own != shared).then_some(shared);
        // Listed only by those who look that far; what can't be listed holds no key for us.
        let linked = || self.linked_git_dirs().unwrap_or_default();
        [Some(own.clone()), different]
            .into_iter()
            .flatten()
            .chain(
                std::iter::once_with(linked)
                    .flatten()
                    .filter(move |linked| *linked != own),
            )
            .map(|directory| directory.join("git-crypt").join("keys"))
    }
}

/// Reads a key file that is nobody's argument.
pub(in crate::repository) fn read_key_file(path: PathBuf) -> Result<KeyFile, RepositoryError> {
    forbid_core_dumps();
    let bytes = fs::read(&path)
        .map(Zeroizing::new)
        .map_err(RepositoryError::file("reading the key", &path))?;
    KeyFile::parse(&bytes).map_err(|source| RepositoryError::BadKey { path, source })
}

/// Removes a key file; true where there was one.
pub(in crate::repository) fn remove_if_there(path: &Path) -> Result<bool, RepositoryError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(RepositoryError::file("removing the key", path)(error)),
    }
}

/// Removes the temporary files that a process has left which was killed; only one that changes the set-up makes any.
pub(in crate::repository) fn sweep(directory: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
