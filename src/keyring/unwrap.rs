//! The keys that a repository has wrapped for its collaborators, opened by one of them.

use std::collections::BTreeMap;

use thiserror::Error;

use super::collaborators::{Collaborators, Holder, WrappedKey};
use super::gpg::{Ciphertext, Gpg, GpgError};
use crate::format::{FileKey, KeyFile, KeyFileError, KeyName};
use crate::repository::{Repository, RepositoryError};
use crate::secret::SecretBytes;

/// The keys that could be opened, and the names of those that could not.
#[derive(Debug)]
pub struct Unwrapped {
    /// Each with all versions that could be opened; at least one.
    pub keys: Vec<KeyFile>,
    /// Keys that are wrapped for others only, or could not be opened.
    pub closed: Vec<KeyName>,
    /// The first thing that went wrong with a file that should have opened.
    pub trouble: Option<UnwrapError>,
}

/// Why no key could be opened.
#[derive(Debug, Error)]
pub enum UnwrapError {
    /// There are no wrapped keys.
    #[error("no keys are shared in this repository: it has no collaborators")]
    NoCollaborators,
    /// None of them is for this user.
    #[error(
        "none of your secret keys opens this repository: its keys are wrapped for {} others",
        holders
    )]
    NotForYou {
        /// How many there are.
        holders: usize,
    },
    /// GPG could not be asked, or failed on the file.
    #[error(transparent)]
    Gpg(#[from] GpgError),
    /// What came out is no key file.
    #[error("the key wrapped in {path} can't be used: {source}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: KeyFileError,
    },
    /// What came out is another key than its place says.
    #[error("the key wrapped in {path} is another one: version {version} of `{name}`")]
    Misplaced {
        /// The file.
        path: String,
        /// What the key is called.
        name: KeyName,
        /// Its version.
        version: u32,
    },
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Opens whatever the user's GPG secret keys open, for every key name.
pub fn unwrap_keys(repository: &Repository, gpg: &Gpg) -> Result<Unwrapped, UnwrapError> {
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    if wrapped.is_empty() {
        return Err(UnwrapError::NoCollaborators);
    }
    let secret_keys = gpg.secret_keys()?;
    let mut versions: BTreeMap<(&KeyName, u32), Option<FileKey>> = BTreeMap::new();
    let mut first_trouble = None;
    for file in &wrapped {
        let version = versions.entry((&file.key, file.version)).or_default();
        let Holder::Gpg(fingerprint) = &file.holder;
        if version.is_some() || !secret_keys.contains(fingerprint) {
            continue;
        }
        match open(repository, file, gpg) {
            Ok(key) => *version = Some(key),
            // Another secret key may open another file.
            Err(trouble) => drop(first_trouble.get_or_insert(trouble)),
        }
    }
    let (keys, closed) = put_together(versions);
    match (keys.is_empty(), first_trouble) {
        (false, trouble) => Ok(Unwrapped {
            keys,
            closed,
            trouble,
        }),
        (true, Some(trouble)) => Err(trouble),
        (true, None) => {
            let mut holders: Vec<&Holder> = wrapped.iter().map(|file| &file.holder).collect();
            holders.sort();
            holders.dedup();
            Err(UnwrapError::NotForYou {
                holders: holders.len(),
            })
        }
    }
}

fn open(repository: &Repository, wrapped: &WrappedKey, gpg: &Gpg) -> Result<FileKey, UnwrapError> {
    let path = wrapped.file.path.to_string();
    let bytes = match repository.place_of_shared(&wrapped.file) {
        Some(place) => gpg.decrypt(&Ciphertext::File(place), &path)?,
        None => {
            let content = repository.read_shared(&wrapped.file)?;
            gpg.decrypt(&Ciphertext::Bytes(&content), &path)?
        }
    };
    the_key(wrapped, path, bytes)
}

/// The one version that a file holds, if it is what its place says.
fn the_key(
    wrapped: &WrappedKey,
    path: String,
    mut bytes: SecretBytes,
) -> Result<FileKey, UnwrapError> {
    let key = match KeyFile::parse(bytes.expose()) {
        Ok(key) => key,
        Err(source) => return Err(UnwrapError::Malformed { path, source }),
    };
    let (name, version) = (key.name().clone(), key.newest().version());
    key.into_versions()
        .into_iter()
        .find(|key| name == wrapped.key && key.version() == wrapped.version)
        .ok_or(UnwrapError::Misplaced {
            path,
            name,
            version,
        })
}

/// A key of each name of which a version was opened, and the names of the others.
fn put_together(
    versions: BTreeMap<(&KeyName, u32), Option<FileKey>>,
) -> (Vec<KeyFile>, Vec<KeyName>) {
    let mut names: BTreeMap<&KeyName, Vec<FileKey>> = BTreeMap::new();
    for ((name, _), version) in versions {
        names.entry(name).or_default().extend(version);
    }
    let (mut keys, mut closed) = (Vec::new(), Vec::new());
    for (name, versions) in names {
        match KeyFile::new(name.clone(), versions) {
            Ok(key) => keys.push(key),
            // There is no version of it.
            Err(_) => closed.push(name.clone()),
        }
    }
    (keys, closed)
}
