//! The folders that a rotation changes, besides the encrypted files.

use std::path::PathBuf;

use crate::format::KeyName;
use crate::keyring::people::Collaborators;
use crate::keyring::trust::StatementFolders;
use crate::repository::{Repository, RepositoryError};

/// The folders that a rotation of `name` changes, besides the encrypted files.
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
