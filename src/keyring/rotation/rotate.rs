//! Rotating a key: a new key is made, every file is encrypted again, and the key is wrapped for those who remain.
//!
//! Before that, the facts are read and decided on. Nothing is changed while the user must still confirm somebody.
//!
//! First comes everything that can fail (blobs, wrapped keys). Then the beginning of the rotation is recorded. Then key
//! store, index and wrapped keys are changed, each in one step. Every step can be repeated, so an interrupted rotation
//! is continued by repeating them all. Encryption is deterministic, so the rotation can be undone. The key store is
//! changed first: from then on, files of both keys can be decrypted.
//!
//! The new key has version 0 like any other, since git-crypt can decrypt with no other version. The old key is retired:
//! it still opens other branches, stashes and history.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::decide::{RotationDecision, RotationRequest, decide};
use super::error::RotationError;
use super::facts::{HolderFacts, RotationFacts, RotationScene, require_no_conflict};
use super::folders::folders;
use super::note::{RotationNote, memory_undone};
pub(crate) use super::progress::underway;
use super::shared::SharedKey;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::files::{all_encrypted_files, encrypted_again, opens};
use crate::keyring::generate;
use crate::keyring::membership::MembershipError;
use crate::keyring::people::{Collaborators, Gpg, Holder, WrappedKey};
use crate::keyring::trust::Memory;
use crate::repository::{
    BlobId, IndexEntry, PathBytes, Repository, RepositoryError, Rotation, stop_if_interrupted,
};

/// The changes that a rotation has staged.
#[derive(Debug)]
pub(crate) struct Rotated {
    /// The files that were encrypted again. Everybody with the old key can read their content up to now.
    pub files: Vec<PathBytes>,
    /// The names of those for whom the new key was wrapped.
    pub collaborators: Vec<String>,
    /// Names that were beside wrapped keys, but were not given by a holder of the key.
    pub names_left_out: BTreeMap<Holder, String>,
}

/// Reads the facts of a rotation, and the holders whom the user must confirm. An error if the rotation is not allowed.
pub(crate) fn look_at_rotation(
    repository: &Repository,
    name: &KeyName,
    gpg: &Gpg,
    request: &RotationRequest,
) -> Result<(RotationFacts, Vec<HolderFacts>), RotationError> {
    let key = repository.keys().load(name)?;
    let scene = RotationScene::of(repository, &key, gpg)?;
    scene.known.require_known_key()?;
    let facts = scene.facts;
    let strangers = match decide(&facts, request) {
        RotationDecision::Refuse(refusal) => return Err(refusal.of_key(name)),
        RotationDecision::Ask(holders) => facts.among(&holders).cloned().collect(),
        RotationDecision::Rotate => Vec::new(),
    };
    Ok((facts, strangers))
}

/// Makes a new key and stages all that is encrypted with it, or completes an interrupted rotation. An error if there is
/// a holder whom this clone has not accepted and the user has not confirmed.
pub(crate) fn rotate(
    repository: &Repository,
    name: &KeyName,
    gpg: &Gpg,
    request: &RotationRequest,
    now: Timestamp,
) -> Result<Rotated, RotationError> {
    let _alone = repository.keys().lock()?;
    let stored = repository.keys().load(name)?;
    let scene = RotationScene::of(repository, &stored, gpg)?;
    scene.known.require_known_key()?;
    match decide(&scene.facts, request) {
        RotationDecision::Refuse(refusal) => return Err(refusal.of_key(name)),
        RotationDecision::Ask(holders) => {
            let asked = scene.facts.among(&holders);
            let holders = asked.map(|facts| facts.shown.clone()).collect();
            return Err(RotationError::Untrusted { holders });
        }
        RotationDecision::Rotate => {}
    }
    let rotation = if request.continues {
        require_underway(repository, name)?
    } else {
        repository.keys().end_rotation(name)?;
        Rotation {
            old: repository.keys().load(name)?,
            new: generate(name.clone())?,
            is_staged: false,
            note: RotationNote::new(
                !request.no_history,
                &scene.known.memory,
                repository.git_dir(),
            )
            .to_text(),
        }
    };
    let keeps_history = RotationNote::parse(&rotation.note).is_none_or(|note| note.keeps_history);
    let both = (&rotation.old, &rotation.new);
    let seen = &request.seen;
    let shared = SharedKey::prepare(repository, &scene, both, gpg, keeps_history, seen, now)?;
    let staged = all_encrypted_again(repository, &stored, &rotation.new)?;
    Collaborators::of(repository)?.require_writable(repository, &shared.files)?;
    // Remember the accepted holders first: if the rotation is interrupted, they need not be confirmed again.
    let mut memory = scene.known.memory;
    memory.accepted = shared.holders.iter().cloned().collect();
    memory
        .store(repository, name)
        .map_err(MembershipError::from)?;
    if !request.continues {
        repository.keys().begin_rotation(&rotation)?;
    }
    finish(repository, &rotation, memory, shared, staged).map_err(RotationError::stopped)
}

/// Undoes a rotation: restores the old key, and the files encrypted with it. Uncommitted changes of collaborators are lost.
pub(crate) fn abort_rotation(repository: &Repository, name: &KeyName) -> Result<(), RotationError> {
    let _alone = repository.keys().lock()?;
    let rotation = require_underway(repository, name)?;
    require_no_conflict(repository)?;
    let staged = all_encrypted_again(repository, &rotation.new, &rotation.old)?;
    undo(repository, name, &rotation, staged).map_err(RotationError::stopped)
}

fn undo(
    repository: &Repository,
    name: &KeyName,
    rotation: &Rotation,
    staged: Vec<(IndexEntry, BlobId)>,
) -> Result<(), RotationError> {
    // The old key is retired just before the new key is stored.
    let was_in_use = repository.keys().is_retired(&rotation.old)?;
    repository.keys().mark_rotation(name, false)?;
    repository.index().stage_blobs(&staged)?;
    for folder in folders(repository, name)? {
        repository.shared_files().restore(&folder)?;
        // Remove files that were written, but not committed.
        let mut left = repository.shared_files().list(&folder)?;
        let committed = repository.shared_files().committed(None, &folder)?;
        left.retain(|file| committed.iter().all(|kept| kept.path != file.path));
        let left: Vec<PathBytes> = left.into_iter().map(|file| file.path).collect();
        repository.shared_files().remove(&left)?;
    }
    let directory = Collaborators::of(repository)?;
    repository.shared_files().restore(&directory.attributes())?;
    directory.sweep(repository)?;
    if was_in_use {
        // A stash or another branch may have files that only the new key opens.
        repository.keys().retire(&rotation.new)?;
    }
    repository.keys().store(&rotation.old)?;
    let memory = Memory::load(repository, name).map_err(MembershipError::from)?;
    if let Some(memory) = memory {
        let note = RotationNote::parse(&rotation.note);
        memory_undone(note.as_ref(), memory, KeyId::of(&rotation.old))
            .store(repository, name)
            .map_err(MembershipError::from)?;
    }
    repository.keys().forget_retired(&rotation.old)?;
    repository.keys().end_rotation(name)?;
    Ok(repository.index().refresh()?)
}

/// Commits what is staged, and finishes the rotation.
pub(crate) fn commit_rotation(
    repository: &Repository,
    name: &KeyName,
    message: &str,
) -> Result<(), RotationError> {
    let committed = repository.index().commit(message);
    committed.map_err(|error| RotationError::from(error).stopped())?;
    Ok(repository.keys().end_rotation(name)?)
}

fn require_underway(repository: &Repository, name: &KeyName) -> Result<Rotation, RotationError> {
    let name = || name.clone();
    let rotation = underway(repository, &name())?;
    let rotation = rotation.ok_or_else(|| RotationError::NotUnderway { name: name() })?;
    let note = RotationNote::parse(&rotation.note);
    match note.and_then(|note| note.begun_elsewhere(repository.git_dir())) {
        Some(git_dir) => Err(RotationError::Elsewhere {
            name: name(),
            git_dir,
        }),
        None => Ok(rotation),
    }
}

/// An error if a rotation of one of these keys is not committed. Undoing it would also undo a change of collaborators.
pub(crate) fn require_none_underway(
    repository: &Repository,
    names: impl IntoIterator<Item = KeyName>,
) -> Result<(), RotationError> {
    for name in names {
        if underway(repository, &name)?.is_some() {
            return Err(RotationError::Underway { name });
        }
    }
    Ok(())
}

fn finish(
    repository: &Repository,
    rotation: &Rotation,
    mut memory: Memory,
    shared: SharedKey,
    staged: Vec<(IndexEntry, BlobId)>,
) -> Result<Rotated, RotationError> {
    let name = rotation.new.name();
    repository.keys().retire(&rotation.old)?;
    repository.keys().store(&rotation.new)?;
    memory.succeed(KeyId::of(&rotation.new), [KeyId::of(&rotation.old)]);
    memory.holders_seen |= !shared.holders.is_empty();
    memory
        .store(repository, name)
        .map_err(MembershipError::from)?;
    repository.index().stage_blobs(&staged)?;
    let directory = Collaborators::of(repository)?;
    let kept: HashSet<&PathBytes> = shared.files.iter().map(|(path, _)| path).collect();
    let obsolete = wrapped_keys(repository, name)?
        .iter()
        .flat_map(WrappedKey::paths)
        .filter(|path| !kept.contains(path))
        .collect::<Vec<_>>();
    repository.shared_files().remove(&obsolete)?;
    directory.stage(repository, shared.files)?;
    repository.keys().mark_rotation(name, true)?;
    repository.index().refresh()?;
    let files = all_encrypted_files(repository, name)?;
    Ok(Rotated {
        files: files.into_iter().map(|entry| entry.path).collect(),
        collaborators: shared.collaborators,
        names_left_out: shared.names_left_out,
    })
}

/// Encrypts with `to` all files that `from` opens and `to` does not, and returns the new blobs.
fn all_encrypted_again(
    repository: &Repository,
    from: &KeyFile,
    to: &KeyFile,
) -> Result<Vec<(IndexEntry, BlobId)>, RotationError> {
    let mut staged = Vec::new();
    repository.index().require()?;
    for entry in all_encrypted_files(repository, to.name())? {
        stop_if_interrupted()?;
        if entry.conflicted {
            return Err(RotationError::Conflict { path: entry.path });
        }
        if opens(to, repository.objects().blob(entry.blob)?.content()) {
            continue;
        }
        if let Some(id) = encrypted_again(repository, from, to, &entry)? {
            staged.push((entry, id));
        }
    }
    Ok(staged)
}

fn wrapped_keys(
    repository: &Repository,
    name: &KeyName,
) -> Result<Vec<WrappedKey>, RepositoryError> {
    let mut wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    wrapped.retain(|wrapped| wrapped.key == *name);
    Ok(wrapped)
}
