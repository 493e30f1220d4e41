//! Whether a rotation has begun and is not finished.

use super::folders::folders;
use crate::format::{KeyId, KeyName};
use crate::keyring::files::opens;
use crate::keyring::rotation::note::RotationNote;
use crate::keyring::trust::StatementFolders;
use crate::repository::{CommitId, Repository, RepositoryError, Rotation};

/// The rotation of `name` that has begun, unless it is finished: all of it is committed. A rotation whose changes were
/// reset or stashed is not finished, since its new key may exist nowhere else.
pub(crate) fn underway(
    repository: &Repository,
    name: &KeyName,
) -> Result<Option<Rotation>, RepositoryError> {
    let Some(rotation) = repository.keys().rotation(name)? else {
        return Ok(None);
    };
    let is_over = rotation.is_staged
        && !waits_for_commit(repository, name, &rotation)?
        && is_committed(repository, name, &rotation)?;
    Ok((!is_over).then_some(rotation))
}

/// True if something that the rotation has staged is not committed. Other staged changes do not count.
fn waits_for_commit(
    repository: &Repository,
    name: &KeyName,
    rotation: &Rotation,
) -> Result<bool, RepositoryError> {
    let index = repository.index();
    if index.changes_from(|blob| opens(&rotation.old, blob))? {
        return Ok(true);
    }
    for folder in folders(repository, name)? {
        if index.has_changes_below(&folder)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True if `HEAD` or another branch has the statement that the new key follows the old one. Stashes do not count.
fn is_committed(
    repository: &Repository,
    name: &KeyName,
    rotation: &Rotation,
) -> Result<bool, RepositoryError> {
    let Some(head) = repository.objects().head_commit()? else {
        return Ok(false);
    };
    let (from, to) = (KeyId::of(&rotation.old), KeyId::of(&rotation.new));
    let statement = StatementFolders::of(repository, name)?.path_between(from, to);
    let has_statement = |commit: CommitId| {
        let blob = repository.objects().file_in(commit, &statement)?;
        Ok::<_, RepositoryError>(blob.is_some())
    };
    if has_statement(head)? {
        return Ok(true);
    }
    // Versions of this program that wrote no note may have signed no statement, either.
    if RotationNote::parse(&rotation.note).is_none() {
        let files = repository.commits().head_files()?;
        let blobs = files.iter().map(|file| file.blob);
        repository.objects().fetch_blobs(blobs)?;
        for file in files {
            if repository.objects().is_encrypted(file.blob)?
                && opens(
                    &rotation.new,
                    repository.objects().blob(file.blob)?.content(),
                )
            {
                return Ok(true);
            }
        }
    }
    for tip in repository.commits().every_tip_ahead()? {
        if has_statement(tip)? {
            return Ok(true);
        }
    }
    Ok(false)
}
