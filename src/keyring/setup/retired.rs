//! Keys from before a rotation, taken in to read the history with.

use super::unlock::UnlockError;
use crate::format::{KeyFile, KeyId};
use crate::keyring::files::opens;
use crate::keyring::trust::Memory;
use crate::repository::{Repository, go_on};

/// Keeps `keys` beside those that are in use, which alone encrypt; each must open some file of the history.
pub(crate) fn keep_retired(repository: &Repository, keys: &[KeyFile]) -> Result<(), UnlockError> {
    let _alone = repository.keys().lock()?;
    let history = repository.commits().every_file()?;
    for key in keys {
        let name = || key.name().clone();
        let stored = repository.keys().load(key.name())?;
        if stored.is_same(key) {
            return Err(UnlockError::InUse { name: name() });
        }
        // One that is kept already has proven itself, or was undone before anything was committed with it.
        let mut opens_any = repository.keys().is_retired(key)?;
        for file in &history.files {
            if opens_any {
                break;
            }
            go_on()?;
            // A blob that can't be read proves nothing.
            let blob = repository.objects().blob(file.blob);
            opens_any = blob.is_ok_and(|blob| opens(key, blob.content()));
        }
        if !opens_any {
            return Err(UnlockError::OpensNothing { name: name() });
        }
    }
    for key in keys {
        repository.keys().retire(key)?;
        let stored = repository.keys().load(key.name())?;
        let mut memory = Memory::of_stored(repository, &stored)?;
        memory.former_elsewhere.insert(KeyId::of(key));
        memory.store(repository, key.name())?;
    }
    Ok(())
}
