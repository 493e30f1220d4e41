//! What keys a repository needs and has, and what about it endangers its secrets.

use std::collections::BTreeMap;
use std::fmt;

use super::encrypted_files::encrypted_files;
use super::status::FileStatus;
use super::unlock::opens;
use crate::format::KeyName;
use crate::repository::{
    Driver, FilterTrouble, PathBytes, Repository, RepositoryError, SearchPath,
};

/// So many files that a key does not open are not all damaged.
const FILES_TO_TRY: usize = 8;

/// A repository's keys, and what is wrong with it.
#[derive(Debug)]
pub struct Health {
    /// Each key that is here, configured, or asked for by an attribute; sorted.
    pub keys: Vec<KeyState>,
    /// What the user should know, the worst first.
    pub concerns: Vec<Concern>,
}

/// What is known of one key.
#[derive(Debug)]
pub struct KeyState {
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

/// Something about a repository that its user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// Neither key nor filter: what is added here is stored in plaintext.
    Locked {
        /// The key.
        key: KeyName,
        /// How many files it is for.
        files: usize,
    },
    /// A filter without its key: it fails.
    KeyAbsent {
        /// The key.
        key: KeyName,
    },
    /// A key without its filter: what is added here is stored in plaintext.
    FilterAbsent {
        /// The key.
        key: KeyName,
    },
    /// A key that opens none of its files: the filter fails on them.
    WrongKey {
        /// The key.
        key: KeyName,
        /// One of the files.
        path: PathBytes,
    },
    /// A filter that Git can't run: it fails.
    FilterBroken {
        /// The key.
        key: KeyName,
        /// What is wrong with it.
        trouble: FilterTrouble,
    },
    /// A filter that Git goes on without where it fails: then it stores plaintext.
    FilterOptional {
        /// The key.
        key: KeyName,
    },
    /// `git diff` stores the plaintext it shows.
    PlaintextKept {
        /// The key.
        key: KeyName,
    },
    /// A file that Git must read is to be encrypted.
    AttributesEncrypted {
        /// Which.
        path: PathBytes,
    },
    /// Files whose conflicts Git can't show.
    NotMerged {
        /// The key.
        key: KeyName,
        /// How many files.
        files: usize,
    },
    /// Conflicts and their resolutions are recorded in plaintext.
    ResolutionsRecorded,
}

/// Looks at the keys that `files` (all of the repository, or some) need; a shell finds programs on `path`.
pub fn health(
    repository: &Repository,
    files: &[FileStatus],
    path: &SearchPath,
) -> Result<Health, RepositoryError> {
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
    let plaintext_kept = keys.iter().filter(|state| state.driver.keeps_plaintext);
    concerns.extend(plaintext_kept.map(|state| Concern::PlaintextKept {
        key: state.name.clone(),
    }));
    let encrypted_attributes = files.iter().filter(|file| {
        let name = file.path.as_bytes().rsplit(|&byte| byte == b'/').next();
        file.encryption.is_some() && name == Some(b".gitattributes")
    });
    concerns.extend(
        encrypted_attributes.map(|file| Concern::AttributesEncrypted {
            path: file.path.clone(),
        }),
    );
    let unmerged = keys.iter().filter(|state| state.unmerged > 0);
    concerns.extend(unmerged.map(|state| Concern::NotMerged {
        key: state.name.clone(),
        files: state.unmerged,
    }));
    let merges = keys.iter().any(|state| state.files > state.unmerged);
    if merges && repository.records_resolutions()? {
        concerns.push(Concern::ResolutionsRecorded);
    }
    Ok(Health { keys, concerns })
}

impl Health {
    /// True where there are files whose key is not here.
    pub fn is_locked(&self) -> bool {
        self.keys.iter().any(|key| !key.unlocked && key.files > 0)
    }
}

impl Concern {
    /// True where secrets may end up in plaintext; otherwise it is an inconvenience.
    pub fn is_danger(&self) -> bool {
        !matches!(
            self,
            Self::NotMerged { .. }
                | Self::KeyAbsent { .. }
                | Self::WrongKey { .. }
                | Self::FilterBroken { .. }
        )
    }

    /// One word for programs that read it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "locked",
            Self::KeyAbsent { .. } => "key-absent",
            Self::FilterAbsent { .. } => "filter-absent",
            Self::WrongKey { .. } => "wrong-key",
            Self::FilterBroken { .. } => "filter-broken",
            Self::FilterOptional { .. } => "filter-optional",
            Self::PlaintextKept { .. } => "plaintext-kept",
            Self::AttributesEncrypted { .. } => "attributes-encrypted",
            Self::NotMerged { .. } => "not-merged",
            Self::ResolutionsRecorded => "resolutions-recorded",
        }
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { key, files } => write!(
                formatter,
                "key `{key}` is not here, nor its filter: before `unlock`, `git add` stores its files (now {files}) in plaintext"
            ),
            Self::KeyAbsent { key } => write!(
                formatter,
                "key `{key}` is not here, but its filter is: Git can neither add nor check out its files before `unlock`"
            ),
            Self::FilterAbsent { key } => write!(
                formatter,
                "key `{key}` is here, but not its filter: `git add` stores plaintext before `unlock`"
            ),
            Self::WrongKey { key, path } => write!(
                formatter,
                "key `{key}` is here, but does not open {path}: Git can't check it out before `unlock` with the right one"
            ),
            Self::FilterBroken { key, trouble } => write!(
                formatter,
                "the filter of key `{key}` is {trouble}: Git can neither add nor check out its files before `unlock`"
            ),
            Self::FilterOptional { key } => write!(
                formatter,
                "filter.{}.required is not true: where the filter fails, `git add` stores plaintext; `unlock` sets it",
                key.driver()
            ),
            Self::PlaintextKept { key } => write!(
                formatter,
                "diff.{0}.cachetextconv is set: `git diff` stores plaintext in the repository, in refs/notes/textconv/{0}",
                key.driver()
            ),
            Self::AttributesEncrypted { path } => write!(
                formatter,
                "{path} is to be encrypted itself, and Git can't read it then: add `.gitattributes !filter !diff`"
            ),
            Self::NotMerged { key, files } => write!(
                formatter,
                "attribute merge={} not set (files: {files}): what both sides have changed is a conflict without plaintext",
                key.driver()
            ),
            Self::ResolutionsRecorded => write!(
                formatter,
                "rerere.enabled is set: Git keeps conflicts and their resolutions in plaintext, in .git/rr-cache"
            ),
        }
    }
}

/// The concern that a key is the wrong one, if it opens none of the first of its files.
fn wrong_key(repository: &Repository, name: &KeyName) -> Result<Option<Concern>, RepositoryError> {
    let files = encrypted_files(repository, name)?;
    let Ok(key) = repository.load_key(name) else {
        // Whoever needs it will say what is wrong with it.
        return Ok(None);
    };
    for entry in files.iter().take(FILES_TO_TRY) {
        if opens(repository, &key, entry)? {
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
        .key_names()?
        .into_iter()
        .chain(repository.configured_drivers()?)
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
            unlocked: repository.find_key(&name).is_some(),
            driver: repository.driver(&name)?,
            name,
            files,
            unmerged,
        })
    };
    counts.into_iter().map(state).collect()
}
