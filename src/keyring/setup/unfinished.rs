//! The list of files that `unlock` or `lock` is writing, kept until they are written.
//!
//! Git removes a file before its filter runs, and does not restore it if the filter fails. With the list, the next run
//! knows that the user has not deleted the file.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::repository::{IndexEntry, PathBytes, Repository, RepositoryError};

/// Notes that `files` are being written in the work tree of `place`. Files of an earlier run that did not end stay in the list.
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
    // The list is written before any file is removed. If the list is cut off, the next run does not restore some files,
    // but nothing is lost: the index has them.
    fs::write(&list, content).map_err(writing())
}

/// The files in the list of an earlier run that did not end.
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

/// The path of the list. Each work tree has its own.
fn list(place: &Repository) -> PathBuf {
    place.git_dir().join("hs-secrets").join("being-written")
}
