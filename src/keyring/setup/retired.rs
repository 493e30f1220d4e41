//! Adding earlier keys of a name, to read history with them.

use super::unlock::UnlockError;
use crate::format::{KeyFile, KeyId};
use crate::keyring::files::opens;
use crate::keyring::trust::Memory;
use crate::repository::{BlobId, Repository, RepositoryError, stop_if_interrupted};

/// Retires `keys`, which then decrypt beside the keys in use, but never encrypt. Each of them must open some file in history.
pub(crate) fn keep_retired(repository: &Repository, keys: &[KeyFile]) -> Result<(), UnlockError> {
    let _alone = repository.keys().lock()?;
    for key in keys {
        let name = || key.name().clone();
        let stored = repository.keys().load(key.name())?;
        if stored.is_same(key) {
            return Err(UnlockError::InUse { name: name() });
        }
        // A key that is already retired needs no proof.
        if !repository.keys().is_retired(key)? && !opens_any_version(repository, key)? {
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

/// True if the key opens some version of some file. Versions that a partial clone does not have are tried last.
fn opens_any_version(repository: &Repository, key: &KeyFile) -> Result<bool, RepositoryError> {
    let (mut here, mut left_out) = (Vec::new(), Vec::new());
    for file in repository.commits().every_file()?.files {
        if repository.objects().has_blob(file.blob)? {
            here.push(file.blob);
        } else {
            left_out.push(file.blob);
        }
    }
    Ok(opens_any(repository, key, &here)? || opens_any(repository, key, &left_out)?)
}

fn opens_any(
    repository: &Repository,
    key: &KeyFile,
    blobs: &[BlobId],
) -> Result<bool, RepositoryError> {
    repository.objects().fetch_blobs(blobs.iter().copied())?;
    for blob in blobs {
        stop_if_interrupted()?;
        // A blob that can't be read is skipped.
        let blob = repository.objects().blob(*blob);
        if blob.is_ok_and(|blob| opens(key, blob.content())) {
            return Ok(true);
        }
    }
    Ok(false)
}
