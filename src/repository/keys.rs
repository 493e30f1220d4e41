//! The key store of an unlocked repository: `git-crypt/keys/` in the Git directory.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::open::{Repository, RepositoryError};
use crate::format::{KeyFile, KeyName};
use crate::secret::{SecretBytes, forbid_core_dumps};

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
        forbid_core_dumps();
        let bytes = fs::read(&path)
            .map(Zeroizing::new)
            .map_err(RepositoryError::file("reading the key", &path))?;
        KeyFile::parse(&bytes).map_err(|source| RepositoryError::BadKey { path, source })
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

    /// Puts the key into the store that all work trees share: mode 0600, whole or not at all.
    pub fn store_key(&self, key: &KeyFile) -> Result<(), RepositoryError> {
        let store = self.common_dir().join("git-crypt").join("keys");
        fs::create_dir_all(&store).map_err(RepositoryError::file("creating", &store))?;
        let path = store.join(key.name().file_name());
        // Beside the directory, not in it: git-crypt takes every file in there for a key.
        write_secret_file(&path, &store.with_file_name(""), &key.to_bytes())
            .map_err(RepositoryError::file("writing the key", &path))
    }

    /// Removes the key from all stores; true where there was one.
    pub fn remove_key(&self, name: &KeyName) -> Result<bool, RepositoryError> {
        let mut removed = false;
        for store in self.key_stores() {
            let path = store.join(name.file_name());
            match fs::remove_file(&path) {
                Ok(()) => removed = true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(RepositoryError::file("removing the key", &path)(error)),
            }
        }
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

/// Writes a file that only its owner can read, by way of a temporary one in `directory` on the same file system:
/// interrupted, there is the old file or the new one, never half of it.
pub fn write_secret_file(path: &Path, directory: &Path, content: &SecretBytes) -> io::Result<()> {
    // A temporary file has mode 0600 from its first moment.
    let mut file = tempfile::Builder::new()
        .prefix(".hs-secrets-")
        .tempfile_in(directory)?;
    for chunk in content.expose_chunks() {
        file.write_all(chunk)?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
