//! The files that a key encrypts, and blobs that show whether a key is the right one.

use std::collections::BTreeMap;

use crate::format::{KeyFile, KeyName, is_authentic};
use crate::repository::{BlobId, IndexEntry, Repository, RepositoryError, stop_if_interrupted};

/// The files in the index that attributes assign to `key` and that Git stores encrypted. Files that a sparse checkout
/// leaves out and a partial clone does not have are skipped.
pub(crate) fn encrypted_files(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<IndexEntry>, RepositoryError> {
    Ok(encrypted_files_by_key(repository)?
        .remove(key)
        .unwrap_or_default())
}

/// The files in the index that Git stores encrypted, by the key that attributes assign to them. Files that a sparse
/// checkout leaves out and a partial clone does not have are skipped.
pub(crate) fn encrypted_files_by_key(
    repository: &Repository,
) -> Result<BTreeMap<KeyName, Vec<IndexEntry>>, RepositoryError> {
    let mut files: BTreeMap<KeyName, Vec<IndexEntry>> = BTreeMap::new();
    for (entry, key) in files_with_keys(repository, repository.index().entries()?)? {
        stop_if_interrupted()?;
        let left_out = entry.skip_worktree && !repository.objects().has_blob(entry.blob)?;
        if !left_out && repository.objects().is_encrypted(entry.blob)? {
            files.entry(key).or_default().push(entry);
        }
    }
    Ok(files)
}

/// The `entries` that attributes assign to a key, each with that key.
pub(crate) fn files_with_keys(
    repository: &Repository,
    entries: Vec<IndexEntry>,
) -> Result<Vec<(IndexEntry, KeyName)>, RepositoryError> {
    let paths = entries.iter().map(|entry| &entry.path);
    let encryptions = repository.attributes().encryptions(paths)?;
    let asked = entries.into_iter().zip(encryptions);
    Ok(asked
        .filter_map(|(entry, encryption)| Some((entry, encryption?.key)))
        .collect())
}

/// Encrypted files of `key` that are not in the work tree, for checking whether a key is the right one.
///
/// These are a few files that a sparse checkout leaves out; if a partial clone does not have them, they are fetched. If
/// the index is empty, they are those of the last commit.
pub(crate) fn left_out_files(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<BlobId>, RepositoryError> {
    /// Maximum number of files that are fetched.
    const FILES_TO_FETCH: usize = 8;
    let mut entries = repository.index().entries()?;
    if entries.is_empty() {
        return encrypted_in_head(repository, key);
    }
    entries.retain(|entry| entry.skip_worktree);
    let files = files_with_keys(repository, entries)?.into_iter();
    let of_key = files.filter(|(_, its_key)| its_key == key);
    let mut blobs: Vec<BlobId> = of_key
        .map(|(entry, _)| entry.blob)
        .take(FILES_TO_FETCH)
        .collect();
    repository.objects().fetch_blobs(blobs.iter().copied())?;
    let mut encrypted = Vec::new();
    for blob in blobs.drain(..) {
        if repository.objects().is_encrypted(blob)? {
            encrypted.push(blob);
        }
    }
    Ok(encrypted)
}

fn encrypted_in_head(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<BlobId>, RepositoryError> {
    let Some(head) = repository.objects().head_commit()? else {
        return Ok(Vec::new());
    };
    let mut files = repository.commits().head_files()?;
    files.retain(|file| !file.is_link);
    let attributes = repository.attributes().of_commit(head)?;
    let encryptions = attributes.encryptions(files.iter().map(|file| &file.path))?;
    let of_key = files.into_iter().zip(encryptions).filter(|(_, asked)| {
        let asked = asked.as_ref();
        asked.is_some_and(|encryption| encryption.key == *key)
    });
    let blobs: Vec<BlobId> = of_key.map(|(file, _)| file.blob).collect();
    repository.objects().fetch_blobs(blobs.iter().copied())?;
    let mut encrypted = Vec::new();
    for blob in blobs {
        if repository.objects().is_encrypted(blob)? {
            encrypted.push(blob);
        }
    }
    Ok(encrypted)
}

pub(crate) fn opens(key: &KeyFile, blob: &[u8]) -> bool {
    is_authentic(key, std::iter::once(blob))
}

/// The files in the index that attributes assign to `key` and that Git stores encrypted. Files that a partial clone
/// does not have are fetched.
pub(crate) fn all_encrypted_files(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<IndexEntry>, RepositoryError> {
    let entries = repository.index().entries()?;
    repository
        .objects()
        .fetch_blobs(entries.iter().map(|entry| entry.blob))?;
    encrypted_files(repository, key)
}
