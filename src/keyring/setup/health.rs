//! What keys a repository needs and has, and what about it endangers its secrets.

use std::collections::{BTreeMap, HashSet};

use super::concern::Concern;
use super::encrypted_files::{encrypted_files, opens};
use super::outdated::outdated_files;
use super::status::{FileStatus, Staged};
use crate::format::KeyName;
use crate::keyring::membership::{MembershipError, unattested};
use crate::repository::{Driver, PathBytes, Repository, RepositoryError, SearchPath};

/// After this many files that a key fails to open, the key is wrong rather than the files damaged.
const FILES_TO_TRY: usize = 8;

/// A repository's keys, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Health {
    /// Each key that is here, configured, or asked for by an attribute; sorted.
    pub keys: Vec<KeyState>,
    /// What the user should know, the worst first.
    pub concerns: Vec<Concern>,
}

/// What is known of one key.
#[derive(Debug)]
pub(crate) struct KeyState {
    /// Its name.
    pub name: KeyName,
    /// True where the key is in the key store.
    pub unlocked: bool,
    /// What Git is configured to do with its files.
    pub driver: Driver,
    /// How many files are to be encrypted with it, untracked ones included.
    pub files: usize,
    /// How many of them lack the `merge` attribute.
    pub unmerged: usize,
}

/// Looks at the keys that `files` (all of the repository, or some) need; a shell finds programs on `path`.
pub(crate) fn health(
    repository: &Repository,
    files: &[FileStatus],
    path: &SearchPath,
) -> Result<Health, MembershipError> {
    let keys = key_states(repository, files)?;
    let mut concerns = Vec::new();
    for state in &keys {
        let key = state.name.clone();
        match (state.unlocked, state.driver.filters()) {
            (false, false) if state.files > 0 => concerns.push(Concern::Locked {
                key,
                files: state.files,
            }),
            (false, true) => concerns.push(Concern::KeyAbsent { key }),
            (true, false) => concerns.push(Concern::FilterAbsent { key }),
            (true, true) => {
                let trouble = state.driver.trouble(path);
                concerns.extend(trouble.map(|trouble| Concern::FilterBroken { key, trouble }));
                concerns.extend(wrong_key(repository, &state.name)?);
            }
            (false, false) => {}
        }
    }
    let optional = keys
        .iter()
        .filter(|state| state.driver.filters() && !state.driver.required);
    concerns.extend(optional.map(|state| Concern::FilterOptional {
        key: state.name.clone(),
    }));
    for state in keys.iter().filter(|state| state.unlocked) {
        let outdated = outdated_files(repository, &state.name)?.into_iter();
        let mut paths: Vec<PathBytes> = outdated.map(|entry| entry.path).collect();
        if !paths.is_empty() {
            let shown: HashSet<&PathBytes> = files.iter().map(|file| &file.path).collect();
            paths.retain(|path| shown.contains(path));
        }
        if !paths.is_empty() {
            concerns.push(Concern::Outdated { paths });
        }
    }
    for (key, holders) in unattested(repository)? {
        concerns.push(Concern::NotAttested { key, holders });
    }
    let plaintext_kept = keys.iter().filter(|state| state.driver.keeps_plaintext);
    concerns.extend(plaintext_kept.map(|state| Concern::PlaintextKept {
        key: state.name.clone(),
    }));
    for file in files.iter().filter(|file| is_attributes(&file.path)) {
        // Where nothing but ciphertext is left of them, no attribute says so any more.
        let is_ciphertext = match repository.index().staged_blob(&file.path)? {
            Some(blob) => repository.objects().is_encrypted(blob)?,
            None => false,
        };
        if file.encryption.is_some() || is_ciphertext {
            let path = file.path.clone();
            concerns.push(Concern::AttributesEncrypted { path });
        }
    }
    let mut undecrypted = Vec::new();
    for file in files.iter().filter(|file| file.is_file) {
        let encryption = file
            .encryption
            .as_ref()
            .filter(|_| file.staged == Staged::Encrypted);
        let is_unlocked = |name: &KeyName| keys.iter().any(|key| key.name == *name && key.unlocked);
        if encryption.is_some_and(|encryption| is_unlocked(&encryption.key))
            && repository.work_tree().holds_ciphertext(&file.path)?
        {
            undecrypted.push(file.path.clone());
        }
    }
    if !undecrypted.is_empty() {
        concerns.push(Concern::StaysEncrypted { paths: undecrypted });
    }
    let mut converted = files.iter().filter(|file| {
        let encryption = file.encryption.as_ref();
        file.is_file && encryption.is_some_and(|encryption| encryption.line_ends_converted)
    });
    concerns.extend(converted.next().map(|first| Concern::LineEndsConverted {
        path: first.path.clone(),
        files: 1 + converted.count(),
    }));
    let unmerged = keys.iter().filter(|state| state.unmerged > 0);
    concerns.extend(unmerged.map(|state| Concern::NotMerged {
        key: state.name.clone(),
        files: state.unmerged,
    }));
    for marked in [false, true] {
        let empty = files.iter().filter(|file| {
            let encryption = file.encryption.as_ref();
            file.is_encrypted_empty
                && encryption.is_some_and(|encryption| encryption.plain_when_empty == marked)
        });
        let paths: Vec<PathBytes> = empty.map(|file| file.path.clone()).collect();
        if !paths.is_empty() {
            concerns.push(Concern::EmptyEncrypted { paths, marked });
        }
    }
    let merges = keys.iter().any(|state| state.files > state.unmerged);
    if merges && repository.configuration().records_resolutions()? {
        concerns.push(Concern::ResolutionsRecorded);
    }
    Ok(Health { keys, concerns })
}

impl Health {
    /// True where there are files whose key is not here.
    pub(crate) fn is_locked(&self) -> bool {
        self.keys.iter().any(|key| !key.unlocked && key.files > 0)
    }
}

/// True for a file that Git reads attributes from.
pub(crate) fn is_attributes(path: &PathBytes) -> bool {
    path.as_bytes().rsplit(|&byte| byte == b'/').next() == Some(b".gitattributes")
}

/// The concern that a key is the wrong one, if it opens none of the first of its files.
fn wrong_key(repository: &Repository, name: &KeyName) -> Result<Option<Concern>, RepositoryError> {
    let files = encrypted_files(repository, name)?;
    let Ok(key) = repository.keys().load(name) else {
        // Whoever needs it will say what is wrong with it.
        return Ok(None);
    };
    for entry in files.iter().take(FILES_TO_TRY) {
        if opens(&key, repository.objects().blob(entry.blob)?.content()) {
            return Ok(None);
        }
    }
    let first = files.into_iter().next();
    Ok(first.map(|entry| Concern::WrongKey {
        key: name.clone(),
        path: entry.path,
    }))
}

fn key_states(
    repository: &Repository,
    files: &[FileStatus],
) -> Result<Vec<KeyState>, RepositoryError> {
    let mut counts: BTreeMap<KeyName, (usize, usize)> = BTreeMap::new();
    for name in repository
        .keys()
        .names()?
        .into_iter()
        .chain(repository.configuration().keys_with_filter()?)
    {
        counts.entry(name).or_default();
    }
    let filtered = files.iter().filter(|file| file.is_file);
    for encryption in filtered.filter_map(|file| file.encryption.as_ref()) {
        let (all, unmerged) = counts.entry(encryption.key.clone()).or_default();
        *all += 1;
        *unmerged += usize::from(!encryption.merge_set);
    }
    let state = |(name, (files, unmerged)): (KeyName, (usize, usize))| {
        Ok(KeyState {
            unlocked: repository.keys().has(&name)?,
            driver: repository.configuration().driver(&name)?,
            name,
            files,
            unmerged,
        })
    };
    counts.into_iter().map(state).collect()
}
