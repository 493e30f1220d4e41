//! Brings the work tree in line with attributes and keys that have changed since it was checked out.

use std::collections::HashMap;

use crate::format::{KeyFile, KeyName};
use crate::keyring::files::{files_with_keys, opens};
use crate::repository::{PathBytes, Repository, RepositoryError, SeenFolders, go_on};

/// The result of refreshing.
#[derive(Debug, Default)]
pub(crate) struct Refreshed {
    /// Files that were ciphertext in the work tree and are plaintext now.
    pub decrypted: Vec<PathBytes>,
    /// Files that stay ciphertext, since the key that is here does not open them.
    pub unopened: Vec<PathBytes>,
    /// Files that stay ciphertext, since their key is not here.
    pub locked: usize,
}

/// Decrypts the files that are still in the work tree as Git stores them, although their key is here, and lets Git look
/// at all files again. Whatever else the work tree holds is work, and is left alone.
pub(crate) fn refresh(repository: &Repository) -> Result<Refreshed, RepositoryError> {
    let mut refreshed = Refreshed::default();
    let mut keys: HashMap<KeyName, Option<KeyFile>> = HashMap::new();
    let mut to_write = Vec::new();
    let mut seen = SeenFolders::default();
    repository.index().require()?;
    for (entry, name) in files_with_keys(repository, repository.index().entries()?)? {
        go_on()?;
        let skipped = entry.skip_worktree
            || !repository.work_tree().is_regular_file(&entry.path)
            || repository
                .work_tree()
                .is_behind_link(&entry.path, &mut seen);
        if skipped || !repository.work_tree().is_stored_form(&entry)? {
            continue;
        }
        let key = match keys.entry(name.clone()) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(usable_key(repository, &name)?)
            }
        };
        match key {
            None => refreshed.locked += 1,
            Some(key) if opens(key, repository.objects().blob(entry.blob)?.content()) => {
                refreshed.decrypted.push(entry.path.clone());
                to_write.push(entry);
            }
            Some(_) => refreshed.unopened.push(entry.path),
        }
    }
    repository
        .work_tree()
        .check_out(&to_write.iter().collect::<Vec<_>>())?;
    repository.index().refresh()?;
    Ok(refreshed)
}

/// The key, if Git has a filter to use it with.
fn usable_key(repository: &Repository, name: &KeyName) -> Result<Option<KeyFile>, RepositoryError> {
    let usable = repository.keys().has(name)? && repository.configuration().driver(name)?.filters();
    usable.then(|| repository.keys().load(name)).transpose()
}
