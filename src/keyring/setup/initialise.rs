//! Setting up a repository with a new key.

use super::unlock::UnlockError;
use crate::format::{KeyId, KeyName};
use crate::keyring::files::encrypted_files;
use crate::keyring::generate;
use crate::keyring::trust::Memory;
use crate::repository::{FilterProgram, Repository};

/// Makes a new key, configures its drivers, and stores it. An error if the repository already has a key of this name,
/// or files encrypted with one.
///
/// The drivers are configured first. If this process is killed in between, there is a filter without a key: `git add`
/// fails, and `init` can be run again. In the other order, `git add` would store plaintext.
///
/// Returns the keys that keep git-crypt's filter.
pub(crate) fn initialise(
    repository: &Repository,
    name: &KeyName,
    program: &FilterProgram,
) -> Result<Vec<KeyName>, UnlockError> {
    let _alone = repository.keys().lock()?;
    if repository.keys().has(name)? {
        return Err(UnlockError::AlreadyInitialised { name: name.clone() });
    }
    if let Some(entry) = encrypted_files(repository, name)?.into_iter().next() {
        let (name, path) = (name.clone(), entry.path);
        return Err(UnlockError::KeyElsewhere { name, path });
    }
    let key = generate(name.clone())?;
    let filtered = repository.configuration().driver(name)?.filters();
    let kept = repository.configuration().set_drivers(&[name], program)?;
    if let Err(error) = repository.keys().store(&key) {
        if !filtered {
            // The first error is the one that is reported.
            let _ = repository.configuration().remove_drivers(&[name]);
        }
        return Err(error.into());
    }
    Memory::of_key(KeyId::of(&key)).store(repository, name)?;
    Ok(kept.into_iter().cloned().collect())
}
