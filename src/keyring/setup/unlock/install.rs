//! Installs the chosen keys: remembers them, stores them, and configures their drivers.

use super::chosen_key::ChosenKey;
use super::error::UnlockError;
use crate::format::KeyName;
use crate::keyring::trust::Memory;
use crate::repository::{FilterProgram, Repository};

/// Remembers and stores the chosen keys, and configures their drivers. Returns the names of keys that keep another
/// program's filter.
///
/// The memory is written first. If this process is killed before the key is stored, the clone already remembers the new
/// key, and does not take the stored old one for a new key.
pub(super) fn install(
    repository: &Repository,
    chosen: &[ChosenKey],
    program: &FilterProgram,
) -> Result<Vec<KeyName>, UnlockError> {
    let names: Vec<KeyName> = chosen
        .iter()
        .map(|chosen| chosen.key.name().clone())
        .collect();
    let names: Vec<&KeyName> = names.iter().collect();
    let configured = chosen
        .iter()
        .try_for_each(|chosen| {
            let memory = chosen.memory(repository)?;
            if chosen.unusable.is_some() {
                Memory::put_aside(repository, chosen.key.name())?;
            }
            memory.store(repository, chosen.key.name())?;
            if let Some(replaced) = &chosen.replaced {
                repository.keys().retire(replaced)?;
            }
            Ok(repository.keys().store(&chosen.key)?)
        })
        .and_then(|()| Ok(repository.configuration().set_drivers(&names, program)?));
    let kept: Vec<KeyName> = match configured {
        Ok(kept) => kept.into_iter().cloned().collect(),
        Err(error) => {
            // Undo: a key without a filter would make the repository look unlocked, and the replaced key may be the only copy.
            for chosen in chosen.iter() {
                let name = chosen.key.name();
                // The first error is the one that is reported.
                let _ = match &chosen.replaced {
                    Some(replaced) => repository.keys().store(replaced),
                    None if chosen.is_stored => Ok(()),
                    None => repository.keys().remove_stored(name),
                };
                let _ = match &chosen.memory {
                    Some(memory) => memory.store(repository, name),
                    None if chosen.unusable.is_some() => Memory::bring_back(repository, name),
                    None => Memory::forget(repository, name),
                };
            }
            return Err(error);
        }
    };
    for chosen in chosen.iter() {
        // Another program's filter can't use retired keys.
        let former = chosen.former.iter().rev();
        for former in former.filter(|_| !kept.contains(chosen.key.name())) {
            repository.keys().retire(former)?;
        }
    }
    Ok(kept)
}
