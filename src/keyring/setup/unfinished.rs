//! The list of files that an unlocking or locking is writing, kept until it is done.
//!
//! Git removes a file before its filter runs, and does not bring it back if the filter fails. With the list, the next run knows
//! that nobody meant to delete it.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::repository::{IndexEntry, PathBytes, Repository, RepositoryError};

/// Notes that `files` are being written in the work tree of `place`, with those of a run that did not end.
pub(super) fn begin(place: &Repository, files: &[IndexEntry]) -> Result<(), RepositoryError> {
    if files.is_empty() {
        return Ok(());
    }
    let list = list(place);
    let writing = || RepositoryError::file("writing", &list);
    if let Some(folder) = list.parent() {
        fs::create_dir_all(folder).map_err(writing())?;
    }
    let before = begun(place)?;
    let content = PathBytes::list(before.iter().chain(files.iter().map(|entry| &entry.path)));
    // The list is written before anything is removed. If it is cut off, some files are forgotten, and none is lost.
    fs::write(&list, content).map_err(writing())
}

/// The files that an earlier run was writing when it ended too early.
pub(super) fn begun(place: &Repository) -> Result<HashSet<PathBytes>, RepositoryError> {
    let list = list(place);
    match fs::read(&list) {
        Ok(content) => Ok(PathBytes::listed(&content).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashSet::new()),
        Err(error) => Err(RepositoryError::file("reading", &list)(error)),
    }
}

/// Notes that all files are written.
pub(super) fn end(place: &Repository) -> Result<(), RepositoryError> {
    let list = list(place);
    match fs::remove_file(&list) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(RepositoryError::file("removing", &list)(error))
        }
        _ => Ok(()),
    }
}

/// A work tree has a list of its own.
fn list(place: &Repository) -> PathBuf {
    place.git_dir().join("hs-secrets").join("being-written")
}
