//! Files that Git still has under a key that was rotated out, since they come from a clone or a branch that did not know:
//! whoever had it reads them, and who has the new one alone does not.

use super::encrypted_files::{encrypted_files, opens};
use crate::format::{Header, KeyFile, KeyName, decrypt, encrypt};
use crate::keyring::rotation::RotationError;
use crate::repository::{BlobId, IndexEntry, PathBytes, Repository, RepositoryError, go_on};
use crate::secret::SecretBytes;

/// The files in the index, without those in conflict, that only a key opens that `name` once was.
pub(crate) fn outdated_files(
    repository: &Repository,
    name: &KeyName,
) -> Result<Vec<IndexEntry>, RepositoryError> {
    let keys = match repository.keys().load(name) {
        Ok(keys) if keys.has_retired() => keys,
        _ => return Ok(Vec::new()),
    };
    let newest = repository.keys().load(name)?.without_retired();
    let mut outdated = Vec::new();
    for entry in encrypted_files(repository, name)? {
        go_on()?;
        let blob = repository.objects().blob(entry.blob)?;
        let is_outdated = !opens(&newest, blob.content()) && opens(&keys, blob.content());
        if is_outdated && !entry.conflicted {
            outdated.push(entry);
        }
    }
    Ok(outdated)
}

/// Stages those that are `chosen` under their keys of today, and returns them; what the work tree holds stays.
pub(crate) fn renew(
    repository: &Repository,
    chosen: impl Fn(&PathBytes) -> bool,
) -> Result<Vec<PathBytes>, RotationError> {
    let _alone = repository.keys().lock()?;
    let mut staged = Vec::new();
    for name in repository.keys().names()? {
        let outdated = outdated_files(repository, &name)?;
        for entry in outdated.into_iter().filter(|entry| chosen(&entry.path)) {
            let key = repository.keys().load(&name)?;
            if let Some(blob) = encrypted_again(repository, &key, &key, &entry)? {
                staged.push((entry, blob));
            }
        }
    }
    if !staged.is_empty() {
        repository.index().stage_blobs(&staged)?;
        repository.index().refresh()?;
    }
    Ok(staged.into_iter().map(|(entry, _)| entry.path).collect())
}

/// The blob of a file that `from` opens, encrypted with `to`; none where it is not encrypted.
pub(crate) fn encrypted_again(
    repository: &Repository,
    from: &KeyFile,
    to: &KeyFile,
    entry: &IndexEntry,
) -> Result<Option<BlobId>, RotationError> {
    let bad = |source| RotationError::BadFile {
        path: entry.path.clone(),
        source,
    };
    let blob = repository.objects().blob(entry.blob)?;
    let Some(header) = Header::parse(blob.content()).map_err(bad)? else {
        return Ok(None);
    };
    let mut content = SecretBytes::copy_of(&blob.content()[Header::LEN..]);
    decrypt(from, header, &mut content).map_err(bad)?;
    let header = encrypt(to, &mut content).map_err(bad)?;
    let bytes = [&header.to_bytes()[..], content.expose()].concat();
    Ok(Some(repository.objects().write_blob(&bytes)?))
}
