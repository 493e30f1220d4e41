//! Finds files whose plaintext was ever committed.

use std::collections::{HashMap, HashSet};

use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};

/// The subset of `files`, each given with its content, whose plaintext is in any commit: this content at any path, or
/// another plaintext at the same path. Returns all `files` if the history can't be read completely.
pub(crate) fn committed_in_plaintext(
    repository: &Repository,
    files: &[(PathBytes, BlobId)],
) -> Result<HashSet<PathBytes>, RepositoryError> {
    if files.is_empty() {
        return Ok(HashSet::new());
    }
    let history = repository.commits().every_file()?;
    if repository.commits().is_shallow() || !history.unread.is_empty() {
        return Ok(files.iter().map(|(path, _)| path.clone()).collect());
    }
    let of_blob: HashMap<BlobId, &PathBytes> =
        files.iter().map(|(path, blob)| (*blob, path)).collect();
    let paths: HashSet<&PathBytes> = files.iter().map(|(path, _)| path).collect();
    let mut committed = HashSet::new();
    for file in history.files.iter().filter(|file| !file.is_link) {
        if let Some(path) = of_blob.get(&file.blob) {
            committed.insert((*path).clone());
        } else if paths.contains(&file.path)
            && !committed.contains(&file.path)
            && repository.objects().blob_len(file.blob)? > 0
            && !repository.objects().is_encrypted(file.blob)?
        {
            committed.insert(file.path.clone());
        }
    }
    Ok(committed)
}
