//! Opening the keys that are wrapped for collaborators, with the user's own secret keys.

use std::collections::BTreeMap;

use thiserror::Error;

use super::age::{AgeError, AgeIdentity};
use super::collaborators::WrappedKey;
use super::gpg::{Ciphertext, Fingerprint, Gpg, GpgError};
use super::holder::Holder;
use crate::format::{FileKey, KeyFile, KeyFileError, KeyName};
use crate::repository::{Repository, RepositoryError};
use crate::secret::SecretBytes;

/// Maximum number of versions of one key that are tried for one holder. Programs make only one version; each may need a
/// run of GPG.
const MAXIMUM_VERSIONS: usize = 16;

/// The keys that could be opened, and the names of the others.
#[derive(Debug)]
pub(crate) struct Unwrapped {
    /// Each key with all versions that could be opened; at least one.
    pub keys: Vec<KeyFile>,
    /// Keys that are wrapped only for others, or could not be opened.
    pub closed: Vec<KeyName>,
    /// The first error with a file that is for this user.
    pub trouble: Option<UnwrapError>,
}

/// Why no key could be opened.
#[derive(Debug, Error)]
pub(crate) enum UnwrapError {
    /// The repository has no wrapped keys.
    #[error("no keys are shared in this repository: it has no collaborators")]
    NoCollaborators,
    /// No wrapped key is for this user.
    #[error(
        "none of your secret keys opens this repository: its keys are wrapped for {} others",
        holders
    )]
    NotForYou {
        /// How many holders have wrapped keys.
        holders: usize,
    },
    /// GPG could not be run, or failed on the file.
    #[error(transparent)]
    Gpg(#[from] GpgError),
    /// An age or SSH key failed on a file that is for it.
    #[error("opening {path} failed: {source}")]
    Age { path: String, source: AgeError },
    /// The content is not a key file.
    #[error("the key wrapped in {path} can't be used: {source}")]
    Malformed {
        path: String,
        /// Why it is refused.
        source: KeyFileError,
    },
    /// The content is another key than the path says.
    #[error("the key wrapped in {path} is another one: version {version} of `{name}`")]
    Misplaced {
        path: String,
        name: KeyName,
        version: u32,
    },
    /// A key is wrapped for one holder in more versions than any program makes.
    #[error(
        "the key `{key}` is wrapped for one holder in more than {MAXIMUM_VERSIONS} versions: the others are not tried"
    )]
    TooManyVersions { key: KeyName },
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The means of a user to open wrapped keys.
pub(crate) struct Decryptors<'decryptors> {
    /// The user's GPG, with its secret keys.
    pub gpg: Option<&'decryptors Gpg>,
    /// Age and SSH keys.
    pub identities: &'decryptors [AgeIdentity],
}

/// Opens what the user's secret keys can open of `wrapped`, for every key name.
pub(crate) fn unwrap_keys(
    repository: &Repository,
    mut wrapped: Vec<WrappedKey>,
    decryptors: &Decryptors<'_>,
) -> Result<Unwrapped, UnwrapError> {
    if wrapped.is_empty() {
        return Err(UnwrapError::NoCollaborators);
    }
    // GPG first, then age and SSH. A version that is open is not tried again.
    wrapped.sort_by(|one, other| one.holder.cmp(&other.holder));
    let mut first_trouble = None;
    let secret_keys = match decryptors.gpg {
        Some(gpg) if wrapped.iter().any(WrappedKey::is_for_gpg) => {
            gpg.secret_keys().unwrap_or_else(|error| {
                first_trouble = Some(error.into());
                Vec::new()
            })
        }
        _ => Vec::new(),
    };
    let mut versions: BTreeMap<(&KeyName, u32), Option<FileKey>> = BTreeMap::new();
    let mut tried: BTreeMap<(&KeyName, &Holder), usize> = BTreeMap::new();
    for file in &wrapped {
        let version = versions.entry((&file.key, file.version)).or_default();
        if version.is_some() {
            continue;
        }
        let tried = tried.entry((&file.key, &file.holder)).or_default();
        *tried += 1;
        if *tried > MAXIMUM_VERSIONS {
            let key = file.key.clone();
            first_trouble.get_or_insert(UnwrapError::TooManyVersions { key });
            continue;
        }
        match open(repository, file, decryptors, &secret_keys) {
            Some(Ok(key)) => *version = Some(key),
            // Another secret key may open another file.
            Some(Err(trouble)) => drop(first_trouble.get_or_insert(trouble)),
            None => {}
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
            wrapped.dedup_by(|one, other| one.holder == other.holder);
            Err(UnwrapError::NotForYou {
                holders: wrapped.len(),
            })
        }
    }
}

/// Opens a file; `None` if it is for somebody else.
fn open(
    repository: &Repository,
    wrapped: &WrappedKey,
    decryptors: &Decryptors<'_>,
    secret_keys: &[Fingerprint],
) -> Option<Result<FileKey, UnwrapError>> {
    let bytes = match &wrapped.holder {
        Holder::Gpg(fingerprint) => {
            let gpg = decryptors
                .gpg
                .filter(|_| secret_keys.contains(fingerprint))?;
            decrypt_with_gpg(repository, wrapped, gpg)
        }
        Holder::Age(id) => {
            let identity = decryptors
                .identities
                .iter()
                .find(|identity| identity.id() == id)?;
            decrypt_with_age(repository, wrapped, identity)
        }
    };
    Some(bytes.and_then(|bytes| parsed_key(wrapped, bytes)))
}

fn decrypt_with_gpg(
    repository: &Repository,
    wrapped: &WrappedKey,
    gpg: &Gpg,
) -> Result<SecretBytes, UnwrapError> {
    let path = wrapped.file.path.to_string();
    Ok(match repository.shared_files().place_of(&wrapped.file) {
        Some(place) => gpg.decrypt(&Ciphertext::File(place), &path)?,
        None => {
            let content = repository.shared_files().read(&wrapped.file)?;
            gpg.decrypt(&Ciphertext::Bytes(&content), &path)?
        }
    })
}

fn decrypt_with_age(
    repository: &Repository,
    wrapped: &WrappedKey,
    identity: &AgeIdentity,
) -> Result<SecretBytes, UnwrapError> {
    let sealed = repository.shared_files().read(&wrapped.file)?;
    identity.open(&sealed).map_err(|source| UnwrapError::Age {
        path: wrapped.file.path.to_string(),
        source,
    })
}

/// The version in the opened file. An error if it is not the one that the path says.
fn parsed_key(wrapped: &WrappedKey, mut bytes: SecretBytes) -> Result<FileKey, UnwrapError> {
    let path = wrapped.file.path.to_string();
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

/// Combines the opened versions to one key for each name. Also returns the names without any opened version.
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
            // No version of it was opened.
            Err(_) => closed.push(name.clone()),
        }
    }
    (keys, closed)
}
