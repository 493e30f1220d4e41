//! Chooses the key of one name to unlock with, after asking the user if needed.

use super::available_key::{AvailableKey, FileOpener};
use super::chosen_key::ChosenKey;
use super::decide::{Decision, decide};
use super::error::UnlockError;
use super::facts::{Consent, KeyOrigin, RotationQuestion};
use super::look::UnlockScene;
use super::not_opened::NotOpened;
use super::unlocked::{LeftOut, Unlocked, UnlockedKey};
use crate::format::{KeyFile, KeyId};
use crate::keyring::files::opens;
use crate::keyring::trust::{Chain, StatementFolders, chain, open_all_former};
use crate::repository::{CommitOrigin, PathBytes, Repository, RepositoryError};

/// Decides about the keys of one name, and asks the user if that is needed.
pub(super) fn choose(
    repository: &Repository,
    mut look: UnlockScene,
    ask: &mut dyn FnMut(&RotationQuestion) -> Consent,
    unlocked: &mut Unlocked,
) -> Result<Option<ChosenKey>, UnlockError> {
    let name = look.facts.name.clone();
    let mut decision = decide(&look.facts);
    if let Some(Decision::Ask { follows }) = decision {
        let origins = look.origins(repository, &follows)?;
        look.facts.rotation = ask(&RotationQuestion {
            name: name.clone(),
            follows,
            origins,
        });
        decision = decide(&look.facts);
    }
    match decision {
        None | Some(Decision::Ask { .. }) => Ok(None),
        Some(Decision::Refuse(why)) => Err(refusal(repository, &look, why)?),
        Some(Decision::Open {
            offer,
            follows,
            left_out,
        }) => {
            if let Some(why) = left_out {
                let origins = origins_of(repository, &look, &why)?;
                unlocked.left_out.push(LeftOut {
                    name: name.clone(),
                    why,
                    origins,
                });
            }
            let is_first_use = look.memory.is_none() && look.unusable.is_none();
            let (chosen, closed) = take(repository, look, offer, follows)?;
            unlocked.keys.push(UnlockedKey {
                name,
                id: chosen.id,
                is_first_use,
            });
            unlocked.closed.extend(closed);
            Ok(Some(chosen))
        }
    }
}

fn origins_of(
    repository: &Repository,
    look: &UnlockScene,
    why: &NotOpened,
) -> Result<Vec<CommitOrigin>, RepositoryError> {
    match why {
        NotOpened::NotAccepted { known, offered } => {
            match chain(&look.facts.successions, *known, *offered) {
                Chain::Leads(follows) => look.origins(repository, &follows),
                _ => Ok(Vec::new()),
            }
        }
        NotOpened::Fork { at, successors } => {
            let mut origins = Vec::new();
            for successor in successors {
                origins.extend(look.origins(repository, &[*at, *successor])?);
            }
            Ok(origins)
        }
        _ => Ok(Vec::new()),
    }
}

/// The error for a refusal. It names an encrypted file if there is one.
fn refusal(
    repository: &Repository,
    look: &UnlockScene,
    why: NotOpened,
) -> Result<UnlockError, UnlockError> {
    let name = look.facts.name.clone();
    let closed = look.files.first().map(|(entry, _)| entry.path.clone());
    Ok(match (why, closed) {
        (NotOpened::WrongKey { .. }, Some(path)) => UnlockError::WrongKey { name, path },
        (NotOpened::Retired { .. }, _) => UnlockError::Retired { name },
        (NotOpened::NothingTells { .. }, _) => UnlockError::AnotherKey { name },
        (why, _) => {
            let origins = origins_of(repository, look, &why)?;
            UnlockError::NotOpened { name, why, origins }
        }
    })
}

/// Prepares the key of an offer for installing. Also returns the files that the key does not open.
fn take(
    repository: &Repository,
    mut look: UnlockScene,
    offer: usize,
    follows: Vec<KeyId>,
) -> Result<(ChosenKey, Vec<PathBytes>), UnlockError> {
    let stored_id = look.stored_id();
    let opened_by_former = look.facts.opened_by_former;
    let stored = look.stored;
    let stored_opens = look.stored_opens;
    let has_files = look.facts.files > 0;
    let mut stored_key = None;
    let mut taken = None;
    for (place, key) in look.to_try.drain(..).enumerate() {
        if place == offer {
            taken = Some(key);
        } else if Some(place) == stored {
            stored_key = Some(key.key);
        }
    }
    let AvailableKey {
        key,
        offer: about,
        proof,
    } = taken.expect("a decision is about an offer that there is");
    let is_stored = stored_id == Some(about.id);
    // True if the files of the new key are not pulled yet: the keys in the key store open the files here, or there are
    // none.
    let waits = if is_stored {
        opened_by_former > 0
    } else {
        stored_id.is_some() && (stored_opens > 0 || !has_files) && proof.is_some()
    };
    let is_ahead = about.opens == 0 && about.origin != KeyOrigin::Stored && waits;
    let mut key = key;
    let replaced = stored_key.as_ref().filter(|_| !is_stored).map(copied);
    if let Some(stored) = stored_key {
        key = key.succeeding(stored);
    }
    if let Some(former) = look.former {
        key = key.succeeding(former);
    }
    let folders = StatementFolders::of(repository, key.name())?;
    let former = open_all_former(&key, &folders.read_history(repository)?);
    let (mut opened, mut closed) = (Vec::new(), Vec::new());
    for (entry, opener) in look.files {
        let opens_it = match opener {
            FileOpener::Former => true,
            FileOpener::AvailableKey(place) if place == offer || Some(place) == stored => true,
            _ => {
                let blob = repository.objects().blob(entry.blob)?;
                former.iter().any(|former| opens(former, blob.content()))
            }
        };
        if opens_it {
            opened.push(entry);
        } else {
            closed.push(entry.path);
        }
    }
    if is_ahead {
        opened.clear();
        closed.clear();
    } else if opened.is_empty()
        && let Some(path) = closed.pop()
    {
        let name = key.name().clone();
        return Err(UnlockError::WrongKey { name, path });
    }
    let chosen = ChosenKey {
        key,
        id: about.id,
        origin: about.origin,
        follows,
        proof,
        is_stored,
        replaced,
        is_ahead,
        opened,
        filter_worked: look.filter_worked,
        memory: look.memory,
        unusable: look.unusable,
        former,
    };
    Ok((chosen, closed))
}

/// A copy of the key. Reading the file again could find another key there.
fn copied(key: &KeyFile) -> KeyFile {
    let mut bytes = key.to_bytes();
    KeyFile::parse(bytes.expose()).expect("because it was written just now")
}
