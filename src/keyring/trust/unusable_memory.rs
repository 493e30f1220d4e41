//! A memory that can't be used is put aside, and replaced by a new one for the key in the key store.

use std::fs;
use std::path::{Path, PathBuf};

use super::memory::{Memory, MemoryError, place};
use crate::format::{KeyFile, KeyId, KeyName};
use crate::repository::Repository;

impl Memory {
    /// The memory of a clone that adopts the key in its key store, because what it remembered can't be used.
    pub(crate) fn adopting(key: &KeyFile) -> Self {
        let mut memory = Self::of_key(KeyId::of(key));
        let former = key.newest_first().skip(1).map(KeyId::of_version);
        memory.former = former.filter(|id| *id != memory.key_id).collect();
        memory
    }

    /// Renames a memory that can't be used, so that [`Self::bring_back`] can restore it. One that was put aside earlier
    /// is deleted.
    pub(crate) fn put_aside(repository: &Repository, name: &KeyName) -> Result<(), MemoryError> {
        let path = place(repository, name);
        let aside = beside(&path);
        let moved = match fs::symlink_metadata(&aside) {
            Ok(before) if before.is_dir() => fs::remove_dir_all(&aside),
            Ok(_) => fs::remove_file(&aside),
            Err(_) => Ok(()),
        };
        moved
            .and_then(|()| fs::rename(&path, &aside))
            .map_err(|source| MemoryError::Write { path, source })
    }

    /// Restores the memory that was put aside, if there is one.
    pub(crate) fn bring_back(repository: &Repository, name: &KeyName) -> Result<(), MemoryError> {
        let path = place(repository, name);
        if fs::symlink_metadata(beside(&path)).is_err() {
            return Ok(());
        }
        Self::forget(repository, name)?;
        fs::rename(beside(&path), &path).map_err(|source| MemoryError::Write { path, source })
    }
}

/// The path for a memory that is put aside. It can't be that of a key, since names of keys have no dot.
fn beside(place: &Path) -> PathBuf {
    place.with_extension("unusable")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;

    #[test]
    fn it_comes_back_as_it_was_and_one_from_before_goes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (repository, name) = (Repository::empty(folder.path()), KeyName::default());
        let path = place(&repository, &name);
        let made = Memory::adopting(&key("default", 2).succeeding(key("default", 1)));
        assert_eq!(made.former, [KeyId::of(&key("default", 1))].into());
        made.store(&repository, &name).expect("writable");
        for damage in ["first", "second"] {
            fs::write(&path, damage).expect("writable");
            Memory::put_aside(&repository, &name).expect("moved");
            assert!(!path.exists());
            made.store(&repository, &name).expect("writable");
        }
        let names = Memory::names(&repository).expect("listed");
        assert_eq!(names, std::slice::from_ref(&name));
        Memory::bring_back(&repository, &name).expect("moved");
        assert_eq!(fs::read_to_string(&path).expect("there"), "second");
        Memory::bring_back(&repository, &name).expect("nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("there"), "second");
        // A symbolic link that leads nowhere is an error, too.
        fs::remove_file(&path).expect("there");
        std::os::unix::fs::symlink("nowhere", &path).expect("a link");
        Memory::put_aside(&repository, &name).expect("moved");
        made.store(&repository, &name).expect("writable");
        Memory::bring_back(&repository, &name).expect("moved");
        assert!(path.is_symlink());
    }
}
