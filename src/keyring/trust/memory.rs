//! A clone's memory of a key, which stays while it is locked: the key's id, earlier ids, and accepted holders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::holder_statement::HolderText;
use super::since::Since;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::repository::{
    Repository, RepositoryError, create_private_folder, sweep_private_folder, write_secret_file,
};
use crate::secret::SecretBytes;

/// A clone's memory of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The key that is in use, or was in use when the clone was last unlocked.
    pub key_id: KeyId,
    /// Retired keys.
    pub former: BTreeSet<KeyId>,
    /// Keys that are not in use and exist outside of this clone: they were exported from here, or given by hand.
    pub former_elsewhere: BTreeSet<KeyId>,
    /// The holders that the user of this clone has accepted.
    pub accepted: BTreeSet<HolderText>,
    /// For each removed holder, the moment of the last removal.
    pub removed: BTreeMap<HolderText, Since>,
    /// True once a list of holders was seen. From then on, a missing list is suspicious.
    pub holders_seen: bool,
    /// True once the key was exported from here.
    pub exported: bool,
    /// True if the key was given by hand, so it also exists elsewhere.
    pub by_hand: bool,
}

/// Why the memory of a clone can't be used.
#[derive(Debug, Error)]
pub(crate) enum MemoryError {
    /// It could not be read.
    #[error("reading {} failed: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// It could not be written.
    #[error("writing {} failed: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// The content was not written by this version of the program, or is damaged.
    #[error(
        "{} says which key this clone knows, and can't be used: it is damaged, or written by a newer version",
        path.display()
    )]
    Damaged { path: PathBuf },
    /// The folder could not be created.
    #[error(transparent)]
    Folder(#[from] RepositoryError),
}

impl Memory {
    /// Remembers this key, and nothing else.
    pub(crate) fn of_key(key_id: KeyId) -> Self {
        Self {
            key_id,
            former: BTreeSet::new(),
            former_elsewhere: BTreeSet::new(),
            accepted: BTreeSet::new(),
            removed: BTreeMap::new(),
            holders_seen: false,
            exported: false,
            by_hand: false,
        }
    }

    /// This clone's memory of the key called `name`, if there is one.
    pub(crate) fn load(
        repository: &Repository,
        name: &KeyName,
    ) -> Result<Option<Self>, MemoryError> {
        let path = place(repository, name);
        match fs::read_to_string(&path) {
            Ok(text) => match Self::parse(&text) {
                Some(memory) => Ok(Some(memory)),
                None => Err(MemoryError::Damaged { path }),
            },
            // A symbolic link that leads nowhere is an error, not an absent file.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(MemoryError::Damaged { path })
            }
            Err(source) => Err(MemoryError::Read { path, source }),
        }
    }

    /// This clone's memory of the key in the key store.
    ///
    /// A clone without a memory adopts that key. A clone that remembers a key which is now retired adopts the stored
    /// key, too: an older version of this program, which remembers nothing, has rotated the key here.
    pub(crate) fn of_stored(repository: &Repository, key: &KeyFile) -> Result<Self, MemoryError> {
        let id = KeyId::of(key);
        let memory = Self::load(repository, key.name())?;
        let mut memory = memory.unwrap_or_else(|| Self::of_key(id));
        let former = key.newest_first().skip(1).map(KeyId::of_version);
        if memory.key_id != id && former.into_iter().any(|former| former == memory.key_id) {
            memory.succeed(id, []);
        }
        Ok(memory)
    }

    /// Writes it, whole or not at all. The caller must hold the lock of the key store.
    pub(crate) fn store(&self, repository: &Repository, name: &KeyName) -> Result<(), MemoryError> {
        let path = place(repository, name);
        let folder = path.parent().unwrap_or(Path::new("."));
        create_private_folder(folder)?;
        let text = SecretBytes::from_vec(self.to_text().into_bytes());
        let written = write_secret_file(&path, folder, &text, true);
        written
            .and_then(|()| sweep_private_folder(folder))
            .map_err(|source| MemoryError::Write { path, source })
    }

    /// Removes what this clone remembers of `name`.
    pub(crate) fn forget(repository: &Repository, name: &KeyName) -> Result<(), MemoryError> {
        let path = place(repository, name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(MemoryError::Write { path, source })
            }
            _ => Ok(()),
        }
    }

    /// Replaces the key in use by `next`. The old key and those in `between` become retired ones.
    ///
    /// The accepted holders stay. Removals are forgotten, since the old key has signed them. Whether `next` exists
    /// elsewhere is known only if it was in use, or exported, before.
    pub(crate) fn succeed(&mut self, next: KeyId, between: impl IntoIterator<Item = KeyId>) {
        if next != self.key_id {
            self.former.insert(self.key_id);
            if self.exists_elsewhere() {
                self.former_elsewhere.insert(self.key_id);
            }
            self.exported = self.former_elsewhere.remove(&next);
            self.by_hand = false;
            self.removed.clear();
        }
        self.former.extend(between);
        self.former.remove(&next);
        self.key_id = next;
    }

    /// Undoes the replacement of `before` by another key.
    pub(crate) fn undo_succession(&mut self, before: KeyId) {
        self.former.remove(&before);
        if self.key_id != before {
            if self.exists_elsewhere() {
                self.former_elsewhere.insert(self.key_id);
            }
            self.exported = self.former_elsewhere.remove(&before);
            self.by_hand = false;
        }
        self.key_id = before;
    }

    /// Remembers that a key was exported from here, whether it is in use or not. False if this was remembered before.
    pub(crate) fn note_export(&mut self, id: KeyId) -> bool {
        if id == self.key_id {
            !std::mem::replace(&mut self.exported, true)
        } else {
            self.former_elsewhere.insert(id)
        }
    }

    /// True if the key in use exists outside of this clone.
    pub(crate) fn exists_elsewhere(&self) -> bool {
        self.exported || self.by_hand
    }

    /// True if the key with this id, in use or not, exists outside of this clone.
    pub(crate) fn has_elsewhere(&self, id: KeyId) -> bool {
        if id == self.key_id {
            self.exists_elsewhere()
        } else {
            self.former_elsewhere.contains(&id)
        }
    }

    /// The names of the keys of which this clone remembers something.
    pub(crate) fn names(repository: &Repository) -> Result<Vec<KeyName>, MemoryError> {
        let path = folder(repository);
        let listed = match fs::read_dir(&path) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(MemoryError::Read { path, source }),
        };
        let mut names = Vec::new();
        for entry in listed {
            let entry = entry.map_err(|source| MemoryError::Read {
                path: path.clone(),
                source,
            })?;
            // Names of temporary files, and of memories that were put aside, have a dot. Names of keys have none.
            let file_name = entry.file_name();
            names.extend(file_name.to_str().and_then(KeyName::of_file_name));
        }
        names.sort();
        Ok(names)
    }

    /// True if the id is that of the key in use or of a retired key.
    pub(crate) fn knows(&self, id: KeyId) -> bool {
        self.key_id == id || self.former.contains(&id)
    }

    /// Reads what [`Self::to_text`] writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let file: WrittenMemory = toml::from_str(text).ok()?;
        let key_ids = file.former.iter().map(|id| KeyId::parse(id));
        let elsewhere = file.former_elsewhere.iter().map(|id| KeyId::parse(id));
        let holders = file.accepted.iter().map(|text| HolderText::parse(text));
        let removed = file.removed.iter();
        let removed =
            removed.map(|(holder, since)| Some((HolderText::parse(holder)?, Since::parse(since)?)));
        Some(Self {
            key_id: KeyId::parse(&file.key_id)?,
            former: key_ids.collect::<Option<_>>()?,
            former_elsewhere: elsewhere.collect::<Option<_>>()?,
            accepted: holders.collect::<Option<_>>()?,
            removed: removed.collect::<Option<_>>()?,
            holders_seen: file.holders_seen,
            exported: file.exported,
            by_hand: file.by_hand,
        })
    }

    /// The memory as TOML.
    pub(crate) fn to_text(&self) -> String {
        let removed = self.removed.iter();
        let file = WrittenMemory {
            key_id: self.key_id.to_string(),
            former: self.former.iter().map(ToString::to_string).collect(),
            former_elsewhere: self
                .former_elsewhere
                .iter()
                .map(ToString::to_string)
                .collect(),
            accepted: self.accepted.iter().map(ToString::to_string).collect(),
            holders_seen: self.holders_seen,
            exported: self.exported,
            by_hand: self.by_hand,
            removed: removed
                .map(|(holder, since)| (holder.to_string(), since.to_string()))
                .collect(),
        };
        toml::to_string(&file).expect("texts and lists of them can be written as TOML")
    }
}

/// The file format.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenMemory {
    key_id: String,
    former: Vec<String>,
    /// Missing in files of earlier versions.
    #[serde(default)]
    former_elsewhere: Vec<String>,
    accepted: Vec<String>,
    holders_seen: bool,
    exported: bool,
    by_hand: bool,
    removed: BTreeMap<String, String>,
}

/// The path lies beside git-crypt's key store, not in it: git-crypt takes every file there for a key.
pub(super) fn place(repository: &Repository, name: &KeyName) -> PathBuf {
    folder(repository).join(name.file_name())
}

fn folder(repository: &Repository) -> PathBuf {
    repository.common_dir().join("hs-secrets").join("known")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::{id, key};
    use crate::keyring::trust::examples::since;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(seed: u8, former: Vec<u8>, names in prop::collection::vec("[a-z]{1,9}", 0..4), flags: [bool; 3]) {
            let holders: Vec<_> = names.iter().filter_map(|name| HolderText::of_age(&format!("age1{name}"))).collect();
            let memory = Memory {
                key_id: id(seed),
                former: former.iter().copied().map(id).collect(),
                former_elsewhere: former.into_iter().map(id).collect(),
                accepted: holders.iter().cloned().collect(),
                removed: holders.into_iter().zip((0..).map(since)).collect(),
                holders_seen: flags[0],
                exported: flags[1],
                by_hand: flags[2],
            };
            prop_assert_eq!(Memory::parse(&memory.to_text()), Some(memory));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = Memory::parse(&text);
        }
    }

    #[test]
    fn it_is_kept_per_key_readable_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository::empty(folder.path());
        let (default, low) = (KeyName::default(), KeyName::named("low").expect("a name"));
        assert_eq!(Memory::load(&repository, &default).expect("readable"), None);
        let adopted = Memory::of_stored(&repository, &key("default", 7)).expect("readable");
        assert_eq!(adopted, Memory::of_key(id(7)));
        Memory::of_key(id(1))
            .store(&repository, &default)
            .expect("writable");
        Memory::of_key(id(2))
            .store(&repository, &low)
            .expect("writable");
        let of_stored = |key: &KeyFile| Memory::of_stored(&repository, key).expect("readable");
        assert_eq!(of_stored(&key("default", 7)), Memory::of_key(id(1)));
        // An older version of this program, which remembers nothing, has rotated the key.
        let rotated = key("default", 7).succeeding(key("default", 1));
        assert_eq!(of_stored(&rotated).key_id, id(7));
        assert_eq!(of_stored(&rotated).former, [id(1)].into());
        let path = place(&repository, &low);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("a folder")), 0o700);
        fs::write(&path, "key-id = 1").expect("writable");
        let damaged = Memory::load(&repository, &low).expect_err("damaged");
        assert!(matches!(damaged, MemoryError::Damaged { .. }));
        fs::remove_file(&path).expect("there");
        std::os::unix::fs::symlink("nowhere", &path).expect("a link");
        let linked = Memory::load(&repository, &low).expect_err("a link");
        assert!(matches!(linked, MemoryError::Read { .. }));
    }

    #[test]
    fn a_key_that_follows_makes_the_ones_before_it_former() {
        let mut memory = Memory {
            exported: true,
            ..Memory::of_key(id(1))
        };
        memory.succeed(id(4), [id(2), id(3)]);
        assert_eq!(memory.key_id, id(4));
        assert_eq!(memory.former, [id(1), id(2), id(3)].into());
        assert!(!memory.exported, "the new key was never exported");
        assert_eq!(memory.former_elsewhere, [id(1)].into());
        // A rotation that is undone.
        let mut succeeded = memory.clone();
        succeeded.succeed(id(1), []);
        let mut receded = memory.clone();
        receded.undo_succession(id(1));
        for undone in [succeeded, receded] {
            assert_eq!(undone.key_id, id(1));
            assert!(undone.exported, "the old one was");
            assert_eq!(undone.former_elsewhere, [].into());
        }
        memory.succeed(id(1), []);
        assert_eq!(memory.former, [id(2), id(3), id(4)].into());
    }
}
