//! Exporting a key to a file. Only an earlier export is overwritten.

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
    /// The file exists, and is not an export of this key.
    #[error("{target} is there, and is no export of this repository's key `{name}`")]
    NotAnExport {
        /// The path of the file.
        target: String,
        name: KeyName,
    },
    /// The file could not be written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// This clone's memory of the key could not be read or written.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The key could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Writes the key called `name` to a file, and remembers that it exists outside of the repository. If the memory can't
/// be used, the key is written all the same, and the reason is returned.
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
    // Read the memory again: meanwhile, another process may have rotated the key or removed somebody.
    let _alone = repository.keys().lock()?;
    let mut memory = Memory::of_stored(repository, &key)?;
    if stays(to) && memory.note_export(id) {
        memory.store(repository, name)?;
    }
    Ok(None)
}

/// True if the exported key can still exist later. A device keeps nothing. The user chooses who reads
/// stdout or a named pipe, so these count.
fn stays(to: &KeySource) -> bool {
    let KeySource::File(path) = to else {
        return true;
    };
    let kind = fs::metadata(path).map(|metadata| metadata.file_type());
    kind.is_ok_and(|kind| !kind.is_char_device() && !kind.is_block_device())
}

/// True if the file has content that is neither this key nor an earlier key of this name. An encrypted export is also
/// in the way, since it can't be compared.
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
