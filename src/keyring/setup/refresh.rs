//! Updates the work tree after attributes or keys have changed.

use std::collections::HashMap;

use crate::format::{KeyFile, KeyName};
use crate::keyring::files::{files_with_keys, opens};
use crate::repository::{PathBytes, Repository, RepositoryError, SeenFolders, stop_if_interrupted};

/// The result of refreshing.
#[derive(Debug, Default)]
pub(crate) struct Refreshed {
    /// Files that were ciphertext in the work tree, and are now plaintext.
    pub decrypted: Vec<PathBytes>,
    /// Files that stay ciphertext, because the key in the key store does not open them.
    pub unopened: Vec<PathBytes>,
    /// How many files stay ciphertext because their key is missing.
    pub locked: usize,
}

/// Decrypts files that are ciphertext in the work tree although their key is here, and makes Git compare all files
/// again. Only files that are exactly as Git stores them are changed; any other content may be somebody's work.
pub(crate) fn refresh(repository: &Repository) -> Result<Refreshed, RepositoryError> {
    let mut refreshed = Refreshed::default();
    let mut keys: HashMap<KeyName, Option<KeyFile>> = HashMap::new();
    let mut to_write = Vec::new();
    let mut seen = SeenFolders::default();
    repository.index().require()?;
    for (entry, name) in files_with_keys(repository, repository.index().entries()?)? {
        stop_if_interrupted()?;
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

/// The key, if its filter is configured.
fn usable_key(repository: &Repository, name: &KeyName) -> Result<Option<KeyFile>, RepositoryError> {
    let usable = repository.keys().has(name)? && repository.configuration().driver(name)?.filters();
    usable.then(|| repository.keys().load(name)).transpose()
}
