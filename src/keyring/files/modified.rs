//! Whether encrypted files can be written anew without losing work.

use std::fmt;
use std::path::PathBuf;

use crate::format::KeyFile;
use crate::keyring::few::few;
use crate::repository::{
    IndexEntry, PathBytes, Repository, RepositoryError, SeenFolders, WorkTreeState, go_on,
};

/// Files whose work-tree version exists nowhere else.
#[derive(Debug)]
pub(crate) struct ModifiedFiles {
    /// The work tree they are in, if it is not the one in hand.
    pub elsewhere: Option<PathBuf>,
    /// Where they lie in it; not empty.
    pub paths: Vec<PathBytes>,
}

/// Parts the files that are in the work tree into unmodified and modified ones.
///
/// A sparse checkout leaves files out, and deleting one may be meant: neither comes back. Nothing is written where a
/// symbolic link leads.
pub(crate) fn part_modified(
    repository: &Repository,
    files: Vec<IndexEntry>,
    key: Option<&KeyFile>,
) -> Result<(Vec<IndexEntry>, Vec<IndexEntry>), RepositoryError> {
    let mut unmodified = Vec::new();
    let mut modified = Vec::new();
    let mut seen = SeenFolders::default();
    for entry in files {
        go_on()?;
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
    /// The modified files of a work tree, which is the one `in_hand` or another.
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
    /// Says how many files there are, where, and the first few of their names.
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
        write!(formatter, ": {}", few(&self.paths))
    }
}
