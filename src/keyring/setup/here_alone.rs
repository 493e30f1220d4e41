//! Keys that exist only in this clone, and would be lost with it.

use crate::format::{KeyId, KeyName};
use crate::keyring::people::Collaborators;
use crate::keyring::trust::Memory;
use crate::repository::{Repository, RepositoryError};

/// The keys in use that are wrapped for nobody and, as far as this clone knows, exist nowhere else. Keys that can't be
/// read are left out; they are reported elsewhere.
pub(crate) fn keys_here_alone(repository: &Repository) -> Result<Vec<KeyName>, RepositoryError> {
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    let mut names = repository.keys().names()?;
    names.retain(|name| {
        let is_known_elsewhere = repository.keys().load(name).map_or(true, |key| {
            Memory::of_stored(repository, &key)
                .map_or(true, |memory| memory.has_elsewhere(KeyId::of(&key)))
        });
        !is_known_elsewhere && wrapped.iter().all(|wrapped| wrapped.key != *name)
    });
    Ok(names)
}
