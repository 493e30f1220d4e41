//! Exports a repository's key to a file. Nothing but an earlier export is overwritten.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use thiserror::Error;

use super::key_source::{KeySource, export_key, read_key};
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::KeyError;
use crate::keyring::people::{KeyForm, Opener};
use crate::keyring::trust::{Memory, MemoryError};
use crate::repository::{Repository, RepositoryError};

/// Why a key was not exported.
#[derive(Debug, Error)]
pub(crate) enum ExportError {
    /// There is a file that is something else.
    #[error("{target} is there, and is no export of this repository's key `{name}`")]
    NotAnExport {
        /// The file.
        target: String,
        name: KeyName,
    },
    /// It could not be written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The memory that the clone has of the key could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The key could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Writes the key called `name` to a file, and remembers that it exists outside of the repository. Returns why it can't
/// remember that, if what it remembers can't be used.
pub(crate) fn export(
    repository: &Repository,
    name: &KeyName,
    form: KeyForm,
    to: &KeySource,
) -> Result<Option<MemoryError>, ExportError> {
    let key = repository.keys().load(name)?;
    let id = KeyId::of(&key);
    let (memory, unusable) = match Memory::of_stored(repository, &key) {
        Ok(memory) => (memory, None),
        Err(error) => (Memory::adopting(&key), Some(error)),
    };
    if let KeySource::File(path) = to
        && is_in_the_way(path, &key, &memory)
    {
        let (target, name) = (path.display().to_string(), name.clone());
        return Err(ExportError::NotAnExport { target, name });
    }
    export_key(&key, form, to, true)?;
    if unusable.is_some() {
        return Ok(unusable);
    }
    // Read anew: another process may have rotated the key, or removed somebody, while this one was writing.
    let _alone = repository.keys().lock()?;
    let mut memory = Memory::of_stored(repository, &key)?;
    if stays(to) && memory.note_export(id) {
        memory.store(repository, name)?;
    }
    Ok(None)
}

/// True if what was written can still be there later. A device keeps nothing; behind standard output or a named pipe is
/// whatever its user has put there.
fn stays(to: &KeySource) -> bool {
    let KeySource::File(path) = to else {
        return true;
    };
    let kind = fs::metadata(path).map(|metadata| metadata.file_type());
    kind.is_ok_and(|kind| !kind.is_char_device() && !kind.is_block_device())
}

/// True for a file with something in it that is neither this key nor one that it was before. A sealed one can't be told.
fn is_in_the_way(path: &Path, key: &KeyFile, memory: &Memory) -> bool {
    let is_full = |metadata: fs::Metadata| metadata.is_file() && metadata.len() > 0;
    if !fs::metadata(path).is_ok_and(is_full) {
        return false;
    }
    let opener = Opener {
        ask: |_| None,
        identities: &[],
    };
    let there = read_key(&KeySource::File(path.to_owned()), &opener);
    let is_ours = |there: KeyFile| {
        let id = KeyId::of(&there);
        let was_before = key
            .newest_first()
            .any(|version| KeyId::of_version(version) == id);
        there.name() == key.name() && (was_before || memory.knows(id))
    };
    !there.is_ok_and(is_ours)
}
