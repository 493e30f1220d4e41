//! Files that are still encrypted with a retired key, because they come from a clone or branch without the rotation.
//!
//! Everybody who had the retired key can read them. People who only have the new key can't.

use thiserror::Error;

use super::of_keys::{encrypted_files_by_key, opens};
use crate::format::{BlobError, Header, KeyFile, decrypt, encrypt};
use crate::repository::{
    BlobId, IndexEntry, PathBytes, Repository, RepositoryError, stop_if_interrupted,
};
use crate::secret::SecretBytes;

/// Why a file could not be encrypted with another key.
#[derive(Debug, Error)]
pub(crate) enum EncryptionError {
    /// The file can't be decrypted.
    #[error("{path} can't be decrypted: {source}")]
    BadFile { path: PathBytes, source: BlobError },
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The `files` that `former` opens and `newest` does not. Files in conflict are left out.
pub(crate) fn outdated_files(
    repository: &Repository,
    newest: &KeyFile,
    former: &KeyFile,
    files: &[IndexEntry],
) -> Result<Vec<IndexEntry>, RepositoryError> {
    let mut outdated = Vec::new();
    for entry in files.iter().filter(|entry| !entry.conflicted) {
        stop_if_interrupted()?;
        let blob = repository.objects().blob(entry.blob)?;
        if opens(former, blob.content()) && !opens(newest, blob.content()) {
            outdated.push(entry.clone());
        }
    }
    Ok(outdated)
}

/// Encrypts outdated files with the newest version of their key, stages them, and returns their paths. Only files are
/// considered for which `chosen` is true. The work tree is not changed.
pub(crate) fn renew(
    repository: &Repository,
    chosen: impl Fn(&PathBytes) -> bool,
) -> Result<Vec<PathBytes>, EncryptionError> {
    let _alone = repository.keys().lock()?;
    let mut files = encrypted_files_by_key(repository)?;
    let mut staged = Vec::new();
    for name in repository.keys().names()? {
        let (newest, Some(former)) = repository.keys().load(&name)?.split_retired() else {
            continue;
        };
        let mut files = files.remove(&name).unwrap_or_default();
        files.retain(|entry| chosen(&entry.path));
        for entry in outdated_files(repository, &newest, &former, &files)? {
            if let Some(blob) = encrypted_again(repository, &former, &newest, &entry)? {
                staged.push((entry, blob));
            }
        }
    }
    if !staged.is_empty() {
        repository.index().stage_blobs(&staged)?;
        repository.index().refresh()?;
    }
    Ok(staged.into_iter().map(|(entry, _)| entry.path).collect())
}

/// Decrypts the blob of a file with `from` and encrypts it with `to`. `None` if the blob is not encrypted.
pub(crate) fn encrypted_again(
    repository: &Repository,
    from: &KeyFile,
    to: &KeyFile,
    entry: &IndexEntry,
) -> Result<Option<BlobId>, EncryptionError> {
    let bad = |source| EncryptionError::BadFile {
        path: entry.path.clone(),
        source,
    };
    let blob = repository.objects().blob(entry.blob)?;
    let Some(header) = Header::parse(blob.content()).map_err(bad)? else {
        return Ok(None);
    };
    let mut content = SecretBytes::copy_of(&blob.content()[Header::LEN..]);
    decrypt(from, header, &mut content).map_err(bad)?;
    let header = encrypt(to, &mut content).map_err(bad)?;
    let bytes = [&header.to_bytes()[..], content.expose()].concat();
    Ok(Some(repository.objects().write_blob(&bytes)?))
}
