//! Where a rotation changes files beside the encrypted ones.

use std::path::PathBuf;

use crate::format::KeyName;
use crate::keyring::people::Collaborators;
use crate::keyring::trust::StatementFolders;
use crate::repository::{Repository, RepositoryError};

/// The folders of all that a rotation of `name` changes beside the encrypted files.
pub(super) fn folders(
    repository: &Repository,
    name: &KeyName,
) -> Result<[PathBuf; 4], RepositoryError> {
    let statements = StatementFolders::of(repository, name)?;
    Ok([
        Collaborators::of(repository)?.directory_of(name),
        statements.holders(),
        statements.successions(),
        statements.history(),
    ])
}
