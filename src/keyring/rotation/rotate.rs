//! Rotating a key: a new one, every file encrypted again, wrapped for those who remain.
//!
//! First everything is made that can fail (blobs, wrapped keys), then it is written down that a rotation is under way,
//! then key store, index and wrapped keys follow, each in one step. Every step may be done again, so an interrupted
//! rotation is continued by doing all of them, and encryption is deterministic, so that it can be undone. The key store
//! is first, since from then on what either key has encrypted is opened.
//!
//! The new key has version 0 like any other, since git-crypt decrypts with no other version. The old one stays here as
//! retired, to open what it has encrypted: other branches, stashes, history.

use thiserror::Error;

use crate::format::{KeyFile, KeyName};
use crate::keyring::KeyError;
use crate::keyring::people::{
    Collaborator, CollaboratorError, Collaborators, Gpg, Holder, WrappedKey, Wrapper, collaborators,
};
use crate::keyring::setup::encrypted_files::{all_encrypted_files, opens};
use crate::keyring::setup::generate;
use crate::keyring::setup::outdated::encrypted_again;
use crate::repository::{
    BlobId, IndexEntry, PathBytes, Repository, RepositoryError, Rotation, go_on,
};

/// The new key for everybody who has the old one.
#[derive(Default)]
struct Wrapped {
    /// The files to be written, with their contents.
    files: Vec<(PathBytes, Vec<u8>)>,
    /// Who they are.
    collaborators: Vec<String>,
}

/// What a rotation has staged.
#[derive(Debug)]
pub(crate) struct Rotated {
    /// The files that are encrypted again: what is in them was readable with the old key.
    pub files: Vec<PathBytes>,
    /// Whom the new key was wrapped for.
    pub collaborators: Vec<String>,
}

/// Why a key was not rotated.
#[derive(Debug, Error)]
pub(crate) enum RotationError {
    /// An earlier rotation is not finished.
    #[error("a rotation of key `{name}` is under way")]
    Underway {
        /// The key.
        name: KeyName,
    },
    /// There is nothing to continue or to undo.
    #[error("no rotation of key `{name}` is under way")]
    NotUnderway {
        /// The key.
        name: KeyName,
    },
    /// A file has two versions.
    #[error("{path} is in conflict")]
    Conflict {
        /// Which.
        path: PathBytes,
    },
    /// A commit of the rotation alone can't be made.
    #[error("other changes are staged, which the commit would take along")]
    Staged,
    /// A file can't be decrypted.
    #[error("{path} can't be decrypted: {source}")]
    BadFile {
        /// Which.
        path: PathBytes,
        /// Why.
        source: crate::format::BlobError,
    },
    /// A collaborator's public key is not known here.
    #[error("the public key of the collaborator {} is not known here", holder.id())]
    UnknownRecipient {
        /// Whose it is.
        holder: Holder,
    },
    /// A collaborator could not be given the new key.
    #[error(transparent)]
    Collaborator(#[from] CollaboratorError),
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The repository could not be read or changed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Makes a new key and stages all that is encrypted with it.
pub(crate) fn start_rotation(
    repository: &Repository,
    name: &KeyName,
    gpg: &Gpg,
) -> Result<Rotated, RotationError> {
    let _alone = repository.keys().lock()?;
    if underway(repository, name)?.is_some() {
        return Err(RotationError::Underway { name: name.clone() });
    }
    repository.keys().end_rotation(name)?;
    let old = repository.keys().load(name)?;
    let new = generate(name.clone())?;
    let wrapped = wrap(repository, &new, gpg)?;
    let staged = all_encrypted_again(repository, &old, &new)?;
    let rotation = Rotation {
        old,
        new,
        is_staged: false,
    };
    repository.keys().begin_rotation(&rotation)?;
    finish(repository, &rotation, wrapped, staged)
}

/// Does what an interrupted rotation has left undone.
pub(crate) fn continue_rotation(
    repository: &Repository,
    name: &KeyName,
    gpg: &Gpg,
) -> Result<Rotated, RotationError> {
    let _alone = repository.keys().lock()?;
    let rotation = require_underway(repository, name)?;
    let opener = repository.keys().load(name)?;
    let wrapped = wrap(repository, &rotation.new, gpg)?;
    let staged = all_encrypted_again(repository, &opener, &rotation.new)?;
    finish(repository, &rotation, wrapped, staged)
}

/// Brings the old key back, and what was encrypted with it. Changes of the collaborators that are not committed go.
pub(crate) fn abort_rotation(repository: &Repository, name: &KeyName) -> Result<(), RotationError> {
    let _alone = repository.keys().lock()?;
    let rotation = require_underway(repository, name)?;
    let staged = all_encrypted_again(repository, &rotation.new, &rotation.old)?;
    repository.keys().mark_rotation(name, false)?;
    repository.stage_blobs(&staged)?;
    repository.restore_committed(&Collaborators::of(repository)?.directory_of(name))?;
    repository.keys().store(&rotation.old)?;
    repository.keys().forget_retired(&rotation.old)?;
    if repository.staged_changes_from(|blob| opens(&rotation.new, blob))? {
        // A part of it was committed.
        repository.keys().retire(&rotation.new)?;
    }
    repository.keys().end_rotation(name)?;
    Ok(repository.refresh_index()?)
}

/// Commits what is staged, and with that the rotation is over.
pub(crate) fn commit_rotation(
    repository: &Repository,
    name: &KeyName,
    message: &str,
) -> Result<(), RotationError> {
    repository.commit_staged(message)?;
    Ok(repository.keys().end_rotation(name)?)
}

fn require_underway(repository: &Repository, name: &KeyName) -> Result<Rotation, RotationError> {
    let rotation = underway(repository, name)?;
    rotation.ok_or_else(|| RotationError::NotUnderway { name: name.clone() })
}

/// The rotation of `name` that was begun, unless it is over, since its user has committed it.
pub(crate) fn underway(
    repository: &Repository,
    name: &KeyName,
) -> Result<Option<Rotation>, RepositoryError> {
    let Some(rotation) = repository.keys().rotation(name)? else {
        return Ok(None);
    };
    if !rotation.is_staged {
        return Ok(Some(rotation));
    }
    // Something may be staged that came after it.
    let opened_by_old = repository.staged_changes_from(|blob| opens(&rotation.old, blob))?;
    let directory = Collaborators::of(repository)?.directory_of(name);
    let waits = opened_by_old || repository.has_staged_changes_below(&directory)?;
    Ok(waits.then_some(rotation))
}

fn finish(
    repository: &Repository,
    rotation: &Rotation,
    wrapped: Wrapped,
    staged: Vec<(IndexEntry, BlobId)>,
) -> Result<Rotated, RotationError> {
    let name = rotation.new.name();
    repository.keys().retire(&rotation.old)?;
    repository.keys().store(&rotation.new)?;
    repository.stage_blobs(&staged)?;
    let collaborators = Collaborators::of(repository)?;
    let obsolete = wrapped_keys(repository, name)?
        .iter()
        .flat_map(WrappedKey::paths)
        .filter(|path| !wrapped.files.iter().any(|(kept, _)| kept == path))
        .collect::<Vec<_>>();
    if !obsolete.is_empty() {
        repository.remove_shared(&obsolete)?;
    }
    if !wrapped.files.is_empty() {
        collaborators.stage(repository, wrapped.files)?;
    }
    repository.keys().mark_rotation(name, true)?;
    repository.refresh_index()?;
    let files = all_encrypted_files(repository, name)?;
    Ok(Rotated {
        files: files.into_iter().map(|entry| entry.path).collect(),
        collaborators: wrapped.collaborators,
    })
}

/// The blobs of all files that `from` opens and `to` does not, encrypted with `to`.
fn all_encrypted_again(
    repository: &Repository,
    from: &KeyFile,
    to: &KeyFile,
) -> Result<Vec<(IndexEntry, BlobId)>, RotationError> {
    let mut staged = Vec::new();
    repository.require_index()?;
    for entry in all_encrypted_files(repository, to.name())? {
        go_on()?;
        if entry.conflicted {
            return Err(RotationError::Conflict { path: entry.path });
        }
        if opens(to, repository.blob(entry.blob)?.content()) {
            continue;
        }
        if let Some(id) = encrypted_again(repository, from, to, &entry)? {
            staged.push((entry, id));
        }
    }
    Ok(staged)
}

fn wrap(repository: &Repository, new: &KeyFile, gpg: &Gpg) -> Result<Wrapped, RotationError> {
    let directory = Collaborators::of(repository)?;
    let (name, version) = (new.name(), new.newest().version());
    let (mut everybody, trouble) = collaborators(repository, gpg, |_| true)?;
    everybody.retain(|collaborator| collaborator.keys.contains(name));
    let bytes = new.to_bytes();
    // Whoever was trusted with the old key is trusted with this one.
    let wrapper = Wrapper { gpg, trusted: true };
    let mut trouble = trouble.map(CollaboratorError::from);
    let mut all = Wrapped::default();
    for Collaborator {
        holder, recipient, ..
    } in everybody
    {
        let Some(recipient) = recipient else {
            return Err(match trouble.take().filter(|_| holder.is_by_gpg()) {
                Some(trouble) => trouble.into(),
                None => RotationError::UnknownRecipient { holder },
            });
        };
        let beside = directory.path_beside(name, version, &holder);
        all.files.extend(beside.zip(recipient.beside()));
        let path = directory.path_of(name, version, &holder);
        all.files.push((path, recipient.wrap(&bytes, wrapper)?));
        all.collaborators.push(recipient.to_string());
    }
    Ok(all)
}

fn wrapped_keys(
    repository: &Repository,
    name: &KeyName,
) -> Result<Vec<WrappedKey>, RepositoryError> {
    let mut wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    wrapped.retain(|wrapped| wrapped.key == *name);
    Ok(wrapped)
}
