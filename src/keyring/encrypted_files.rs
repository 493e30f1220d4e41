//! The files of a repository that a key encrypts, and whether they can be written anew without losing work.

use crate::format::{KeyFile, KeyName};
use crate::repository::{IndexEntry, PathBytes, Repository, RepositoryError, WorkTreeState};

/// The files in the index that the attributes give to `key`, and that Git stores encrypted.
pub fn encrypted_files(
    repository: &Repository,
    key: &KeyName,
) -> Result<Vec<IndexEntry>, RepositoryError> {
    let mut files = Vec::new();
    for entry in repository.index_entries()? {
        let encryption = repository.encryption_of(&entry.path)?;
        if encryption.is_some_and(|encryption| encryption.key == *key)
            && repository.is_encrypted(entry.blob)?
        {
            files.push(entry);
        }
    }
    Ok(files)
}

/// Those of `files` whose work-tree version exists nowhere else.
pub(super) fn modified<'files>(
    repository: &Repository,
    files: &'files [IndexEntry],
    key: Option<&KeyFile>,
) -> Result<Vec<&'files PathBytes>, RepositoryError> {
    let mut modified = Vec::new();
    for entry in files.iter().filter(|entry| !entry.skip_worktree) {
        if repository.state_of(entry, key)? == WorkTreeState::Modified {
            modified.push(&entry.path);
        }
    }
    Ok(modified)
}

/// Those to write anew: all but those that a sparse checkout leaves out, and conflicts.
pub(super) fn present(files: &[IndexEntry]) -> Vec<&IndexEntry> {
    files
        .iter()
        .filter(|entry| !entry.skip_worktree && !entry.conflicted)
        .collect()
}
