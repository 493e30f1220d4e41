//! The Git directories that `git worktree add` creates in the common directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::repository::error::RepositoryError;

/// The Git directories of all linked work trees, sorted.
pub(in crate::repository) fn linked_git_dirs(
    common_dir: &Path,
) -> Result<Vec<PathBuf>, RepositoryError> {
    let directory = common_dir.join("worktrees");
    let listing = || RepositoryError::file("listing the work trees in", &directory);
    let entries = match fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(listing()(error)),
    };
    let mut git_dirs = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(listing())?;
    git_dirs.sort();
    Ok(git_dirs)
}
