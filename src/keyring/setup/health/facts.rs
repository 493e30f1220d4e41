//! The facts about the keys and files of a repository, read once.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::files::{encrypted_files_by_key, opens, outdated_files};
use crate::keyring::membership::{Attestations, Differences, MembershipError, gone_lists};
use crate::keyring::people::Collaborators;
use crate::keyring::setup::lock::UnknownKey;
use crate::keyring::setup::status::{FileStatus, Staged};
use crate::keyring::trust::{Memory, Reading, StatementFolders, successors};
use crate::repository::{
    Driver, FilterTrouble, IndexEntry, PathBytes, Repository, RepositoryError, SearchPath,
};

/// After this many files that a key fails to open, the key is wrong rather than the files damaged.
const FILES_TO_TRY: usize = 8;

/// The facts about a repository.
#[derive(Debug)]
pub(super) struct HealthFacts<'files> {
    /// The files that are examined.
    pub files: &'files [FileStatus],
    /// Each key that is here, is configured, or is chosen by an attribute; sorted.
    pub keys: Vec<KeyHealth>,
    /// `.gitattributes` files that the index has as ciphertext, whatever their attributes say now.
    pub encrypted_attributes: BTreeSet<PathBytes>,
    /// Wrapped keys and statements that attributes would encrypt.
    pub filtered_keys: Vec<PathBytes>,
    /// Files that are ciphertext in the work tree although their key is here.
    pub undecrypted: Vec<PathBytes>,
    /// How the lists of holders differ from the wrapped keys.
    pub people: Differences,
    /// The keys with encrypted files whose list of holders this clone has seen, but which is gone.
    pub gone_lists: Vec<KeyName>,
    /// True if Git records conflicts and their resolutions (rerere).
    pub records_resolutions: bool,
}

/// The facts about one key.
#[derive(Debug)]
pub(crate) struct KeyHealth {
    pub name: KeyName,
    /// True if the key is in the key store, even if it can't be read.
    pub unlocked: bool,
    /// The commands that Git is configured to run for the files of the key.
    pub driver: Driver,
    /// How many files are to be encrypted with the key, including untracked ones.
    pub files: usize,
    /// How many of these files lack the `merge` attribute.
    pub unmerged: usize,
    /// Why Git can't run the filter.
    pub trouble: Option<FilterTrouble>,
    /// Why the key in the key store can't be read.
    pub unread: Option<String>,
    /// Why this clone's memory of the key can't be used.
    pub forgotten: Option<String>,
    /// The ids, if the key in the key store is not the one that this clone remembers.
    pub unknown: Option<UnknownKey>,
    /// The first file of the key, if the key opens none of the first files.
    pub opens_none_of: Option<PathBytes>,
    /// True if the key opens none of these files, and statements name a successor of it.
    pub rotated_out: bool,
    /// The examined files that only a retired key opens.
    pub outdated: Vec<PathBytes>,
}

impl<'files> HealthFacts<'files> {
    /// Reads what concerns `files` (all of the repository, or some). `path` is where a shell looks for programs.
    pub(super) fn of(
        repository: &Repository,
        files: &'files [FileStatus],
        path: &SearchPath,
    ) -> Result<Self, MembershipError> {
        let mut encrypted = encrypted_files_by_key(repository)?;
        // A branch without encrypted files (for example, one with web pages) needs no list.
        let mut gone_lists = gone_lists(repository)?;
        gone_lists.retain(|name| encrypted.contains_key(name));
        let shown: HashSet<&PathBytes> = files.iter().map(|file| &file.path).collect();
        let (mut keys, mut stored) = (Vec::new(), Vec::new());
        for (name, (files, unmerged)) in counted(repository, files)? {
            let driver = repository.configuration().driver(&name)?;
            let encrypted = encrypted.remove(&name).unwrap_or_default();
            let mut health = KeyHealth {
                unlocked: repository.keys().has(&name)?,
                trouble: driver.trouble(path),
                driver,
                files,
                unmerged,
                unread: None,
                forgotten: None,
                unknown: None,
                opens_none_of: None,
                rotated_out: false,
                outdated: Vec::new(),
                name,
            };
            match repository.keys().load_if_there(&health.name) {
                Ok(None) => {}
                Ok(Some(key)) => match Memory::of_stored(repository, &key) {
                    Ok(memory) => {
                        stored.push(health.look_at(repository, key, &memory, &encrypted)?);
                    }
                    Err(error) => {
                        health.forgotten = Some(error.to_string());
                        let adopted = Memory::adopting(&key);
                        health.look_at(repository, key, &adopted, &encrypted)?;
                    }
                },
                Err(error) => health.unread = Some(error.to_string()),
            }
            health.outdated.retain(|path| shown.contains(path));
            keys.push(health);
        }
        let attestations = Attestations::of_keys(repository, &stored)?;
        Ok(Self {
            encrypted_attributes: encrypted_attributes(repository, files)?,
            filtered_keys: filtered_keys(&Collaborators::of(repository)?, files),
            undecrypted: undecrypted(repository, files, &keys)?,
            people: attestations.differences(repository)?,
            gone_lists,
            records_resolutions: repository.configuration().records_resolutions()?,
            files,
            keys,
        })
    }
}

impl KeyHealth {
    /// Examines the key in the key store, and returns it without its retired keys.
    fn look_at(
        &mut self,
        repository: &Repository,
        key: KeyFile,
        memory: &Memory,
        encrypted: &[IndexEntry],
    ) -> Result<KeyFile, RepositoryError> {
        let stored = KeyId::of(&key);
        if memory.key_id != stored {
            self.unknown = Some(UnknownKey {
                name: self.name.clone(),
                stored,
                known: memory.key_id,
            });
        }
        self.opens_none_of = encrypted.first().map(|entry| entry.path.clone());
        for entry in encrypted.iter().take(FILES_TO_TRY) {
            if opens(&key, repository.objects().blob(entry.blob)?.content()) {
                self.opens_none_of = None;
                break;
            }
        }
        if self.opens_none_of.is_some() {
            let folders = StatementFolders::of(repository, &self.name)?;
            let said = folders.read_successions(repository, Reading::Index)?;
            self.rotated_out = !successors(&said.statements(), stored).is_empty();
        }
        let (newest, former) = key.split_retired();
        if let Some(former) = former {
            let outdated = outdated_files(repository, &newest, &former, encrypted)?;
            self.outdated = outdated.into_iter().map(|entry| entry.path).collect();
        }
        Ok(newest)
    }
}

/// For each key that is here, is configured, or is chosen by an attribute: how many files are to be encrypted with it,
/// and how many of these lack the `merge` attribute.
fn counted(
    repository: &Repository,
    files: &[FileStatus],
) -> Result<BTreeMap<KeyName, (usize, usize)>, RepositoryError> {
    let mut counts: BTreeMap<KeyName, (usize, usize)> = BTreeMap::new();
    let configured = repository.configuration().keys_with_filter()?;
    for name in repository.keys().names()?.into_iter().chain(configured) {
        counts.entry(name).or_default();
    }
    let filtered = files.iter().filter(|file| file.is_file);
    for encryption in filtered.filter_map(|file| file.encryption.as_ref()) {
        let (all, unmerged) = counts.entry(encryption.key.clone()).or_default();
        *all += 1;
        *unmerged += usize::from(!encryption.merge_set);
    }
    Ok(counts)
}

/// The `.gitattributes` files that are encrypted in the index. Their own attributes can't be read any more, so no
/// attribute says that they are to be encrypted.
fn encrypted_attributes(
    repository: &Repository,
    files: &[FileStatus],
) -> Result<BTreeSet<PathBytes>, RepositoryError> {
    let (mut staged, mut encrypted) = (Vec::new(), BTreeSet::new());
    for file in files.iter().filter(|file| file.path.is_attributes_file()) {
        let blob = repository.index().staged_blob(&file.path)?;
        staged.extend(blob.map(|blob| (&file.path, blob)));
    }
    let blobs = staged.iter().map(|(_, blob)| *blob);
    repository.objects().fetch_blobs(blobs)?;
    for (path, blob) in staged {
        if repository.objects().is_encrypted(blob)? {
            encrypted.insert(path.clone());
        }
    }
    Ok(encrypted)
}

fn filtered_keys(directory: &Collaborators, files: &[FileStatus]) -> Vec<PathBytes> {
    let filtered = files.iter().filter(|file| file.encryption.is_some());
    let paths = filtered.map(|file| &file.path);
    paths.filter(|path| directory.has(path)).cloned().collect()
}

fn undecrypted(
    repository: &Repository,
    files: &[FileStatus],
    keys: &[KeyHealth],
) -> Result<Vec<PathBytes>, RepositoryError> {
    let mut undecrypted = Vec::new();
    let is_unlocked = |name: &KeyName| keys.iter().any(|key| key.name == *name && key.unlocked);
    for file in files.iter().filter(|file| file.is_file) {
        let encryption = file.encryption.as_ref();
        let encryption = encryption.filter(|_| file.staged == Staged::Encrypted);
        if encryption.is_some_and(|encryption| is_unlocked(&encryption.key))
            && repository.work_tree().holds_ciphertext(&file.path)?
        {
            undecrypted.push(file.path.clone());
        }
    }
    Ok(undecrypted)
}
