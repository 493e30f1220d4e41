//! Taking keys from somebody: what they have learned before stays known to them.

use super::collaborator::{Collaborator, removable_keys};
use super::collaborators::CollaboratorError;
use super::staged_change::{StagedChange, message};
use crate::format::KeyName;
use crate::repository::{PathBytes, Repository};

/// Removes what is wrapped for `collaborator`, of `key` or of all keys, and stages that.
pub(crate) fn remove_collaborator(
    repository: &Repository,
    key: Option<&KeyName>,
    collaborator: &Collaborator,
) -> Result<StagedChange, CollaboratorError> {
    let _alone = repository.keys().lock()?;
    let wrapped = removable_keys(repository)?;
    let theirs = wrapped.iter().filter(|wrapped| {
        wrapped.holder == collaborator.holder && key.is_none_or(|key| wrapped.key == *key)
    });
    let paths: Vec<PathBytes> = theirs.flat_map(|wrapped| wrapped.paths()).collect();
    repository.remove_shared(&paths)?;
    Ok(StagedChange {
        paths,
        message: message("Remove", key, &[collaborator.to_string()]),
    })
}
