//! Sets a repository up with a new key.

use super::unlock::UnlockError;
use crate::format::{KeyId, KeyName};
use crate::keyring::files::encrypted_files;
use crate::keyring::generate;
use crate::keyring::trust::Memory;
use crate::repository::{FilterProgram, Repository};

/// Makes a new key, stores it and configures its drivers; refuses where the repository has a key of that name, or
/// files encrypted with one.
///
/// If it is killed in between, a filter without a key is left: `git add` refuses, and `init` can be run again. In the other
/// order, plaintext would be added.
///
/// Returns the keys whose filter stays git-crypt's.
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
