//! Files in plaintext that attributes assign to a key.

use crate::format::KeyName;
use crate::repository::{IndexEntry, PathBytes, Repository, RepositoryError};

/// A file in the work tree that should be encrypted, and whose content Git does not have in encrypted form.
#[derive(Debug)]
pub(crate) struct PlainFile {
    pub path: PathBytes,
    /// True if the file is not in the index.
    pub untracked: bool,
}

/// The files in plaintext that attributes assign to one of `keys`. If the filter is removed, `git add` stores them in
/// plaintext.
pub(crate) fn plain_files(
    repository: &Repository,
    keys: &[KeyName],
) -> Result<Vec<PlainFile>, RepositoryError> {
    let untracked = repository.work_tree().untracked()?;
    let tracked = repository.index().entries()?;
    let paths = untracked
        .iter()
        .chain(tracked.iter().map(|entry| &entry.path));
    let encryptions = repository.attributes().encryptions(paths)?;
    let mut files = Vec::new();
    for (index, encryption) in encryptions.into_iter().enumerate() {
        let entry = index
            .checked_sub(untracked.len())
            .map(|index| &tracked[index]);
        let path = entry.map_or_else(|| &untracked[index], |entry| &entry.path);
        let of_keys = encryption.is_some_and(|encryption| keys.contains(&encryption.key));
        let is_plain = |entry: &IndexEntry| {
            Ok(repository.objects().has_blob(entry.blob)?
                && !repository.objects().is_encrypted(entry.blob)?)
        };
        // An empty file contains nothing to protect.
        if of_keys
            && repository.work_tree().is_regular_file(path)
            && !repository.work_tree().is_empty_file(path)
            && entry.map_or(Ok(true), is_plain)?
        {
            files.push(PlainFile {
                path: path.clone(),
                untracked: entry.is_none(),
            });
        }
    }
    Ok(files)
}
