//! The keys in use: `git-crypt/keys/` in the Git directory, as with git-crypt.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::format::{KeyFile, KeyName};
use crate::repository::error::RepositoryError;
use crate::repository::files::private_files::{
    create_private_folder, sweep_private_folder, write_secret_file,
};
use crate::repository::git::linked_dirs::linked_git_dirs;
use crate::secret::forbid_core_dumps;

/// Maximum length in bytes of a key file. A key with all its versions takes a few hundred bytes.
const MAXIMUM_KEY_LENGTH: u64 = 1 << 20;

/// The keys of an unlocked repository: the keys in use, the retired keys, and a rotation that is not finished.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyStore<'repository> {
    git_dir: &'repository Path,
    pub(super) common_dir: &'repository Path,
}

impl<'repository> KeyStore<'repository> {
    /// The store of the work tree that has this Git directory and this common directory.
    pub(in crate::repository) fn new(
        git_dir: &'repository Path,
        common_dir: &'repository Path,
    ) -> Self {
        Self {
            git_dir,
            common_dir,
        }
    }

    /// True if a key of this name is in the store, even if it can't be read.
    pub(crate) fn has(self, name: &KeyName) -> Result<bool, RepositoryError> {
        Ok(self.find(name)?.is_some())
    }

    /// Reads the key with its retired keys. A missing key is an error.
    pub(crate) fn load(self, name: &KeyName) -> Result<KeyFile, RepositoryError> {
        let no_key = || RepositoryError::NoKey { name: name.clone() };
        self.load_if_there(name)?.ok_or_else(no_key)
    }

    /// Reads the key with its retired keys; `None` if there is none. A key that can't be read is an error.
    pub(crate) fn load_if_there(self, name: &KeyName) -> Result<Option<KeyFile>, RepositoryError> {
        let Some(key) = self.load_in_use(name)? else {
            return Ok(None);
        };
        let retired = self.retired(name)?.into_iter();
        Ok(Some(retired.fold(key, KeyFile::succeeding)))
    }

    /// Reads the key without its retired keys; `None` if there is none.
    pub(crate) fn load_in_use(self, name: &KeyName) -> Result<Option<KeyFile>, RepositoryError> {
        self.find(name)?.map(read_key_file).transpose()
    }

    /// Reads the key that is about to be replaced; `None` if there is none, or only a file that is not a key. A file
    /// that can't be read, or that needs a newer version of this program, is an error: it may be the only copy of a
    /// key.
    pub(crate) fn load_to_replace(
        self,
        name: &KeyName,
    ) -> Result<Option<KeyFile>, RepositoryError> {
        match self.load_if_there(name) {
            Err(RepositoryError::BadKey { source, .. }) if !source.is_of_newer_version() => {
                Ok(None)
            }
            loaded => loaded,
        }
    }

    /// The names of the keys in the store, sorted.
    pub(crate) fn names(self) -> Result<Vec<KeyName>, RepositoryError> {
        let mut names = Vec::new();
        for folder in self.folders()? {
            let listing = || RepositoryError::file("listing the keys in", &folder);
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(listing()(error)),
            };
            for entry in entries {
                let entry = entry.map_err(listing())?;
                names.extend(entry.file_name().to_str().and_then(KeyName::of_file_name));
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Stores the key in the folder that all work trees share, replacing a key of the same name. The file has mode
    /// 0600, and is written whole or not at all.
    pub(crate) fn store(self, key: &KeyFile) -> Result<(), RepositoryError> {
        let beside = self.common_dir.join("git-crypt");
        let folder = self.shared_folder();
        create_private_folder(&beside)?;
        create_private_folder(&folder)?;
        let path = folder.join(key.name().file_name());
        // The temporary file lies beside the folder, since git-crypt takes every file in the folder for a key.
        write_secret_file(&path, &beside, &key.to_bytes(), true)
            .map_err(RepositoryError::file("writing the key", &path))?;
        sweep_private_folder(&beside).map_err(RepositoryError::file("cleaning up", &beside))?;
        // A key of that name in another folder would be found first.
        for other in self.folders()? {
            let place = other.join(key.name().file_name());
            if !is_same_place(&other, &folder) && is_there(&place)? {
                // git-crypt stores a key for each work tree. A different key of this name may exist only here, so it is
                // retired.
                let found = read_key_file(place.clone())?;
                if !found.is_same(key) {
                    self.retire(&found)?;
                }
                remove_if_there(&place)?;
            }
        }
        Ok(())
    }

    /// Removes the key that this work tree uses, from all work trees, with its retired keys.
    ///
    /// git-crypt may have left a different key of the same name in another work tree, where it may be the only copy.
    /// Another key stays there, and its path is returned.
    pub(crate) fn remove(self, name: &KeyName) -> Result<Vec<PathBuf>, RepositoryError> {
        let mut others = Vec::new();
        if let Some(found) = self.find(name)? {
            let key = read_key_file(found.clone()).ok();
            let is_the_key = |place: &PathBuf| {
                let there = read_key_file(place.clone()).ok();
                let is_same = there
                    .zip(key.as_ref())
                    .map(|(there, key)| there.is_same(key));
                is_same.unwrap_or_else(|| is_same_place(place, &found))
            };
            for folder in self.folders()? {
                let place = folder.join(name.file_name());
                if place == found || !is_there(&place)? {
                    continue;
                }
                if is_the_key(&place) {
                    remove_if_there(&place)?;
                } else {
                    others.push(place);
                }
            }
            remove_if_there(&found)?;
        }
        self.remove_retired(name)?;
        Ok(others)
    }

    /// Removes a key that was just stored where there was none. Retired keys stay.
    pub(crate) fn remove_stored(self, name: &KeyName) -> Result<(), RepositoryError> {
        remove_if_there(&self.shared_folder().join(name.file_name())).map(drop)
    }

    fn find(self, name: &KeyName) -> Result<Option<PathBuf>, RepositoryError> {
        let key_in = |folder: &PathBuf| {
            let path = folder.join(name.file_name());
            Ok(is_there(&path)?.then_some(path))
        };
        let near = self.near_folders();
        for folder in &near {
            if let Some(path) = key_in(folder)? {
                return Ok(Some(path));
            }
        }
        // Listing the linked work trees takes time, so it is done only if nothing was found nearby.
        for folder in self.folders()?.iter().skip(near.len()) {
            if let Some(path) = key_in(folder)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// The folders that may contain keys, in the order of search: the near folders, then those of the other linked work
    /// trees, where git-crypt may have left a key.
    fn folders(self) -> Result<Vec<PathBuf>, RepositoryError> {
        let mut folders = self.near_folders();
        for git_dir in linked_git_dirs(self.common_dir)? {
            let folder = folder_in(&git_dir);
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        Ok(folders)
    }

    /// The folder of this work tree, where git-crypt puts keys, then the folder that all work trees share.
    fn near_folders(self) -> Vec<PathBuf> {
        let mut folders = vec![folder_in(self.git_dir)];
        if self.git_dir != self.common_dir {
            folders.push(self.shared_folder());
        }
        folders
    }

    fn shared_folder(self) -> PathBuf {
        folder_in(self.common_dir)
    }
}

fn folder_in(git_dir: &Path) -> PathBuf {
    git_dir.join("git-crypt").join("keys")
}

/// True if both paths lead to one folder. Some people make the `git-crypt` folder of a linked work tree a symbolic link.
fn is_same_place(one: &Path, other: &Path) -> bool {
    let resolved = one.canonicalize().ok();
    resolved.is_some() && resolved == other.canonicalize().ok()
}

/// Reads a key file from the key store.
pub(super) fn read_key_file(path: PathBuf) -> Result<KeyFile, RepositoryError> {
    forbid_core_dumps();
    let reading = || RepositoryError::file("reading the key", &path);
    let length = fs::metadata(&path).map_err(reading())?.len();
    if length > MAXIMUM_KEY_LENGTH {
        return Err(reading()(io::ErrorKind::FileTooLarge.into()));
    }
    let bytes = fs::read(&path).map(Zeroizing::new).map_err(reading())?;
    KeyFile::parse(&bytes).map_err(|source| RepositoryError::BadKey { path, source })
}

/// True if `path` exists, even as a symbolic link that leads nowhere. If this can't be found out, it is an error.
pub(super) fn is_there(path: &Path) -> Result<bool, RepositoryError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(RepositoryError::file("looking for the key", path)(error)),
    }
}

/// Removes a key file; false if there was none.
pub(super) fn remove_if_there(path: &Path) -> Result<bool, RepositoryError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(RepositoryError::file("removing the key", path)(error)),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;

    /// The Git directory of a repository, and that of one linked work tree.
    struct Scene {
        folder: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::create_dir_all(folder.path().join("worktrees/linked")).expect("a new folder");
            Self { folder }
        }

        fn common(&self) -> PathBuf {
            self.folder.path().to_owned()
        }

        fn linked(&self) -> PathBuf {
            self.folder.path().join("worktrees/linked")
        }
    }

    fn is_key(stored: Option<KeyFile>, fill: u8) -> bool {
        stored.is_some_and(|stored| {
            stored.to_bytes().expose() == key("default", fill).to_bytes().expose()
        })
    }

    #[test]
    fn a_stored_key_takes_the_place_of_the_one_that_git_crypt_left_in_a_linked_work_tree() {
        let scene = Scene::new();
        let (common, linked) = (scene.common(), scene.linked());
        let own = folder_in(&linked);
        fs::create_dir_all(&own).expect("a new folder");
        let mut bytes = key("default", 1).to_bytes();
        fs::write(own.join("default"), bytes.expose()).expect("a new file");
        let main = KeyStore::new(&common, &common);
        assert!(is_key(
            main.load_if_there(&KeyName::default()).expect("a key"),
            1
        ));
        main.store(&key("default", 2)).expect("it is stored");
        assert!(!own.join("default").exists());
        for store in [main, KeyStore::new(&linked, &common)] {
            assert!(is_key(
                store.load_if_there(&KeyName::default()).expect("a key"),
                2
            ));
        }
    }

    #[test]
    fn the_only_key_stays_where_a_linked_work_tree_shares_its_folder_by_a_link() {
        for shared in ["git-crypt", "git-crypt/keys"] {
            let scene = Scene::new();
            let (common, linked) = (scene.common(), scene.linked());
            let main = KeyStore::new(&common, &common);
            main.store(&key("default", 1)).expect("it is stored");
            if shared.contains('/') {
                fs::create_dir(linked.join("git-crypt")).expect("a new folder");
            }
            std::os::unix::fs::symlink(common.join(shared), linked.join(shared)).expect("a link");
            for (store, fill) in [(KeyStore::new(&linked, &common), 2), (main, 3)] {
                store.store(&key("default", fill)).expect("it is stored");
                assert!(is_key(
                    main.load_if_there(&KeyName::default()).expect("a key"),
                    fill
                ));
            }
        }
    }

    #[test]
    fn what_is_no_readable_key_is_not_taken_for_no_key() {
        let scene = Scene::new();
        let common = scene.common();
        let store = KeyStore::new(&common, &common);
        let name = KeyName::default();
        assert!(store.load_if_there(&name).expect("nothing").is_none());
        let folder = folder_in(&common);
        fs::create_dir_all(folder.join("default")).expect("a new folder");
        assert!(store.has(&name).expect("something"));
        assert!(store.load_if_there(&name).is_err(), "a folder");
        fs::remove_dir(folder.join("default")).expect("an empty folder");
        fs::write(folder.join("default"), "junk").expect("a new file");
        assert!(store.load_if_there(&name).is_err(), "junk");
        assert!(
            store
                .load_to_replace(&name)
                .expect("nothing to lose")
                .is_none()
        );
        fs::write(folder.join("default"), b"\0GITCRYPTKEY\0\0\0\x09").expect("the file");
        assert!(store.load_to_replace(&name).is_err(), "a newer version's");
        {
            fs::remove_file(folder.join("default")).expect("the file");
            std::os::unix::fs::symlink("/no/such/stick", folder.join("default")).expect("a link");
            assert!(store.has(&name).expect("something"));
            assert!(store.load_to_replace(&name).is_err(), "a link to nothing");
        }
    }

    #[test]
    fn a_retired_key_that_cannot_be_read_is_not_written_over() {
        let scene = Scene::new();
        let common = scene.common();
        let store = KeyStore::new(&common, &common);
        let place = store.own_folder().join("retired/default/0");
        fs::create_dir_all(place.parent().expect("it has one")).expect("a new folder");
        fs::write(&place, "junk").expect("a new file");
        assert!(store.retire(&key("default", 1)).is_err());
        assert_eq!(fs::read(&place).expect("the file"), b"junk");
    }

    #[test]
    fn folders_of_keys_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let scene = Scene::new();
        let common = scene.common();
        let store = KeyStore::new(&common, &common);
        let mode = |path: &Path| {
            fs::metadata(path)
                .expect("it is there")
                .permissions()
                .mode()
        };
        // As an earlier version of this program made it under umask 000.
        fs::create_dir(common.join("git-crypt")).expect("a new folder");
        let open = fs::Permissions::from_mode(0o777);
        fs::set_permissions(common.join("git-crypt"), open).expect("our own folder");
        store.store(&key("default", 1)).expect("it is stored");
        store.retire(&key("default", 2)).expect("it is stored");
        assert_eq!(mode(&common.join("git-crypt")) & 0o002, 0);
        for folder in ["git-crypt/keys", "hs-secrets", "hs-secrets/retired/default"] {
            assert_eq!(mode(&common.join(folder)) & 0o777, 0o700, "{folder}");
        }
        for file in ["git-crypt/keys/default", "hs-secrets/retired/default/0"] {
            assert_eq!(mode(&common.join(file)) & 0o777, 0o600, "{file}");
        }
    }
}
