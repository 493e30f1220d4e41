//! Whether encrypted files can be overwritten without losing work.

use std::fmt;
use std::path::PathBuf;

use crate::format::KeyFile;
use crate::keyring::abridged_names::abridged_names;
use crate::repository::{
    IndexEntry, PathBytes, Repository, RepositoryError, SeenFolders, WorkTreeState,
    stop_if_interrupted,
};

/// Modified files of a work tree, whose content may exist nowhere else.
#[derive(Debug)]
pub(crate) struct ModifiedFiles {
    /// The top of the work tree; `None` for the current work tree.
    pub elsewhere: Option<PathBuf>,
    /// Their paths; not empty.
    pub paths: Vec<PathBytes>,
}

/// Splits the files that exist in the work tree into unmodified and modified ones.
///
/// Missing files are in neither list: a sparse checkout leaves them out, or the user may have deleted them on purpose.
/// Files behind a symbolic link are in neither list, too: nothing is written there.
pub(crate) fn part_modified(
    repository: &Repository,
    files: Vec<IndexEntry>,
    key: Option<&KeyFile>,
) -> Result<(Vec<IndexEntry>, Vec<IndexEntry>), RepositoryError> {
    let mut unmodified = Vec::new();
    let mut modified = Vec::new();
    let mut seen = SeenFolders::default();
    for entry in files {
        stop_if_interrupted()?;
        if repository
            .work_tree()
            .is_behind_link(&entry.path, &mut seen)
        {
            continue;
        }
        match repository.work_tree().state_of(&entry, key)? {
            WorkTreeState::Missing => {}
            WorkTreeState::Unmodified => unmodified.push(entry),
            WorkTreeState::Modified => modified.push(entry),
        }
    }
    Ok((unmodified, modified))
}

impl ModifiedFiles {
    /// The modified `files` of the work tree of `place`, which is the current one if `place` is `in_hand`.
    pub(crate) fn new(place: &Repository, in_hand: &Repository, files: Vec<IndexEntry>) -> Self {
        let elsewhere = place
            .work_tree()
            .top()
            .filter(|_| !std::ptr::eq(place, in_hand))
            .map(|path| path.components().collect());
        Self {
            elsewhere,
            paths: files.into_iter().map(|entry| entry.path).collect(),
        }
    }
}

impl fmt::Display for ModifiedFiles {
    /// Writes how many files there are, where, and the first few of their paths.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.paths.len();
        let files_are = if number == 1 { "file is" } else { "files are" };
        write!(
            formatter,
            "{number} encrypted {files_are} modified in the work tree"
        )?;
        if let Some(path) = &self.elsewhere {
            write!(formatter, " at {}", path.display())?;
        }
        write!(formatter, ": {}", abridged_names(&self.paths))
    }
}
