//! The facts about a repository's keys and files, read once.

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
    /// The files that are looked at.
    pub files: &'files [FileStatus],
    /// Each key that is here, configured, or asked for by an attribute; sorted.
    pub keys: Vec<KeyHealth>,
    /// Files of attributes that Git has as ciphertext, whatever attributes they have themselves.
    pub encrypted_attributes: BTreeSet<PathBytes>,
    /// Files that give keys to people, and that attributes have encrypted all the same.
    pub filtered_keys: Vec<PathBytes>,
    /// Files that are ciphertext in the work tree although their key is here.
    pub undecrypted: Vec<PathBytes>,
    /// How the lists of holders differ from what is wrapped.
    pub people: Differences,
    /// The keys with encrypted files whose list of holders this clone has seen, and that have none any more.
    pub gone_lists: Vec<KeyName>,
    /// True if Git records conflicts and their resolutions.
    pub records_resolutions: bool,
}

/// The facts about one key.
#[derive(Debug)]
pub(crate) struct KeyHealth {
    pub name: KeyName,
    /// True if the key is in the key store, readable or not.
    pub unlocked: bool,
    /// The commands that Git is configured to run for its files.
    pub driver: Driver,
    /// How many files are to be encrypted with it, untracked ones included.
    pub files: usize,
    /// How many of them lack the `merge` attribute.
    pub unmerged: usize,
    /// Why its filter can't work.
    pub trouble: Option<FilterTrouble>,
    /// Why the key in the key store can't be read.
    pub unread: Option<String>,
    /// Why what this clone remembers of it can't be used.
    pub forgotten: Option<String>,
    /// The ids, if the key in the key store is another one than this clone knows.
    pub unknown: Option<UnknownKey>,
    /// One of its files, if it opens none of the first of them.
    pub opens_none_of: Option<PathBytes>,
    /// True if it opens none of them and another key is said to follow it.
    pub rotated_out: bool,
    /// The files that are looked at and that only a former key opens.
    pub outdated: Vec<PathBytes>,
}

impl<'files> HealthFacts<'files> {
    /// Reads what `files` (all of the repository, or some) call for; a shell finds programs on `path`.
    pub(super) fn of(
        repository: &Repository,
        files: &'files [FileStatus],
        path: &SearchPath,
    ) -> Result<Self, MembershipError> {
        let mut encrypted = encrypted_files_by_key(repository)?;
        // A branch without encrypted files, one of web pages for example, needs no list.
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
    /// Looks at the key in the key store; returns it without those that it was before.
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
        let (newest, former) = key.part_retired();
        if let Some(former) = former {
            let outdated = outdated_files(repository, &newest, &former, encrypted)?;
            self.outdated = outdated.into_iter().map(|entry| entry.path).collect();
        }
        Ok(newest)
    }
}

/// For each key that is here, configured, or asked for by an attribute: how many files are to be encrypted with it, and how
/// many of them lack the `merge` attribute.
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

/// If nothing but ciphertext is left of a file of attributes, no attribute says any more that it is encrypted.
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
