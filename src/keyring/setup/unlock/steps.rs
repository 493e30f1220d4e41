//! Unlocks: all steps, in order.

use std::collections::BTreeSet;

use super::choose::choose;
use super::chosen_key::ChosenKey;
use super::error::UnlockError;
use super::facts::{Consent, RotationQuestion};
use super::install::install;
use super::look::{Offered, UnlockOptions, look};
use super::to_write::ToWrite;
use super::unlocked::{Succession, Unlocked};
use crate::format::{KeyFile, KeyName};
use crate::keyring::files::{encrypted_files, opens};
use crate::keyring::setup::unfinished;
use crate::repository::{
    CommitId, FilterProgram, IndexEntry, PathBytes, Repository, RepositoryError,
    stop_if_interrupted,
};

/// Decides which keys to use, stores them, configures their drivers and decrypts the work trees.
///
/// All checks come before the first change. If this is interrupted after that, the repository is usable, and unlocking
/// again completes it: files that are still encrypted count as unmodified. Ciphertext that the index does not have is
/// decrypted in place.
pub(crate) fn unlock(
    repository: &Repository,
    offered: Offered,
    options: &UnlockOptions,
    program: &FilterProgram,
    ask: &mut dyn FnMut(&RotationQuestion) -> Consent,
) -> Result<Unlocked, UnlockError> {
    let _alone = repository.keys().lock()?;
    refuse_repeated_names(&offered.by_hand)?;
    repository.index().require()?;
    let others = repository.other_work_trees()?;
    for place in &others.present {
        place.index().require()?;
    }
    let mut unlocked = Unlocked::default();
    let mut chosen = Vec::new();
    for look in look(repository, offered, options, program)? {
        chosen.extend(choose(repository, look, ask, &mut unlocked)?);
    }
    let ahead = chosen.iter().filter(|chosen| chosen.is_ahead);
    let ahead: Vec<&KeyName> = ahead.map(|chosen| chosen.key.name()).collect();
    if let Some(name) = repository
        .configuration()
        .kept_drivers(&ahead, program)?
        .first()
    {
        let name = (*name).clone();
        return Err(UnlockError::OneKeyOnly { name });
    }
    // Files of keys that are already unlocked need not be written, so changes in them do not matter.
    let switches = !ahead.is_empty();
    let mut to_write = Vec::new();
    let opening: Vec<(usize, &ChosenKey)> = chosen
        .iter()
        .enumerate()
        .filter(|(_, chosen)| !(chosen.is_ahead || switches && chosen.is_stored))
        .collect();
    for place in std::iter::once(repository).chain(&others.present) {
        let begun = unfinished::begun(place)?;
        let mut files = ToWrite::nothing(place);
        for (number, key) in &opening {
            let is_here = std::ptr::eq(place, repository);
            let opened = if is_here {
                key.opened.clone()
            } else {
                opened_at(place, &key.key)?
            };
            files.add(repository, (*number, key), opened, &begun)?;
        }
        files.add_untracked(&opening)?;
        to_write.push(files);
    }
    unlocked.kept = install(repository, &chosen, program)?;
    for files in to_write {
        write(&files, &chosen)?;
    }
    for chosen in &mut chosen {
        let name = chosen.key.name().clone();
        let unusable = chosen.unusable.take();
        unlocked.rebuilt.extend(unusable.map(|why| (name, why)));
    }
    for chosen in chosen.into_iter().filter(|chosen| chosen.is_ahead) {
        unlocked.succeeded.push(Succession {
            key: chosen.key.name().clone(),
            proof: chosen.proof,
        });
    }
    if !unlocked.succeeded.is_empty() && repository.work_tree().top().is_some() {
        let succeeded = unlocked.succeeded.iter();
        let proofs = succeeded.filter_map(|new| new.proof.clone());
        let mut was_stopped = false;
        for new in &unlocked.succeeded {
            was_stopped |= !missing_files(repository, &new.key)?.is_empty();
        }
        // Only a file that git has removed shows that the user has tried to merge the default branch.
        let incoming = repository.commits().incoming()?.into_iter().chain(proofs);
        let targets = incoming.filter(|incoming| was_stopped || !incoming.is_default);
        let targets: BTreeSet<CommitId> = targets.map(|incoming| incoming.commit).collect();
        unlocked.restored = repository.work_tree().restore_half_done(&targets)?;
    }
    unlocked.unread_attributes = unread_attributes(repository)?;
    for left_out in &unlocked.left_out {
        let missing = missing_files(repository, &left_out.name)?;
        unlocked.missing.extend(missing);
    }
    Ok(unlocked)
}

/// The encrypted files that are missing in the work tree, and are not left out by a sparse checkout.
fn missing_files(
    repository: &Repository,
    name: &KeyName,
) -> Result<Vec<PathBytes>, RepositoryError> {
    let work_tree = repository.work_tree();
    if work_tree.top().is_none() {
        return Ok(Vec::new());
    }
    let mut files = encrypted_files(repository, name)?;
    files.retain(|entry| !entry.skip_worktree && !work_tree.is_regular_file(&entry.path));
    Ok(files.into_iter().map(|entry| entry.path).collect())
}

fn write(files: &ToWrite<'_>, keys: &[ChosenKey]) -> Result<(), RepositoryError> {
    let place = files.place;
    unfinished::begin(place, &files.check_out)?;
    let check_out: Vec<_> = files.check_out.iter().collect();
    place.work_tree().check_out(&check_out)?;
    unfinished::end(place)?;
    for (path, number) in &files.open {
        stop_if_interrupted()?;
        place
            .work_tree()
            .open_in_place(path, &keys[*number].all())?;
    }
    Ok(())
}

/// The `.gitattributes` files that are ciphertext in the index, and not plaintext in the work tree.
fn unread_attributes(repository: &Repository) -> Result<Vec<PathBytes>, RepositoryError> {
    let mut unread = Vec::new();
    let mut attributes = repository.index().entries()?;
    attributes.retain(|entry| entry.path.is_attributes_file());
    let blobs = attributes.iter().map(|entry| entry.blob);
    repository.objects().fetch_blobs(blobs)?;
    for entry in attributes {
        let path = &entry.path;
        if repository.objects().is_encrypted(entry.blob)?
            && (!repository.work_tree().is_regular_file(path)
                || repository.work_tree().holds_ciphertext(path)?)
        {
            unread.push(entry.path);
        }
    }
    Ok(unread)
}

fn refuse_repeated_names(keys: &[KeyFile]) -> Result<(), UnlockError> {
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|other| other.name() == key.name()) {
            return Err(UnlockError::SameName {
                name: key.name().clone(),
            });
        }
    }
    Ok(())
}

/// The encrypted files in the work tree of `place` that `key` opens. That work tree may have another branch, with files
/// encrypted with another key; these stay as they are.
fn opened_at(place: &Repository, key: &KeyFile) -> Result<Vec<IndexEntry>, RepositoryError> {
    let mut opened = Vec::new();
    for entry in encrypted_files(place, key.name())? {
        stop_if_interrupted()?;
        if opens(key, place.objects().blob(entry.blob)?.content()) {
            opened.push(entry);
        }
    }
    Ok(opened)
}
