//! The view of a work tree's index, and its entries.

use std::fs;

use super::file::Index;
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::{BlobId, Objects};
use crate::repository::path::PathBytes;

/// A regular file in the index.
#[derive(Debug, Clone)]
pub(crate) struct IndexEntry {
    pub path: PathBytes,
    /// The mode in Git's notation: regular or executable.
    pub(in crate::repository) mode: u32,
    /// Its staged content.
    pub blob: BlobId,
    /// Length of the work-tree file when Git last saw it, modulo 2^32.
    pub(in crate::repository) seen_size: u32,
    /// When Git saw that the work-tree file was last modified: seconds and nanoseconds.
    pub(in crate::repository) seen_modified: (i32, u32),
    /// When Git saw that its inode was last changed: seconds and nanoseconds. Programs can't set this time.
    pub(in crate::repository) seen_changed: (i32, u32),
    /// The number of its inode, modulo 2^32.
    pub(in crate::repository) seen_inode: u32,
    /// True if a sparse checkout leaves the file out of the work tree.
    pub skip_worktree: bool,
    /// True if the file has an unresolved conflict. The entry is then our version, or theirs if we have none.
    pub conflicted: bool,
    /// The stage in a conflict: 2 for our version, 3 for theirs; 0 without a conflict.
    pub(in crate::repository) stage: u16,
}

/// The index at one moment, for looking up many paths.
pub(crate) struct IndexSnapshot(git2::Index);

impl IndexSnapshot {
    /// The blob staged for the regular file at `path`.
    pub(crate) fn staged_blob(&self, path: &PathBytes) -> Option<BlobId> {
        let entry = self.0.get_path(path.to_path(), 0)?;
        (entry.mode & TYPE_BITS == REGULAR_FILE).then(|| BlobId(entry.id.into()))
    }
}

/// The bits of an entry's mode that hold its type.
const TYPE_BITS: u32 = 0o170_000;
const REGULAR_FILE: u32 = 0o100_000;
const SYMBOLIC_LINK: u32 = 0o120_000;
/// Bit of the extended flags: `GIT_INDEX_ENTRY_SKIP_WORKTREE`.
const SKIP_WORKTREE: u16 = 1 << 14;

impl<'repository> Index<'repository> {
    pub(super) fn objects(self) -> Objects<'repository> {
        Objects {
            git: self.git,
            program: self.program,
        }
    }

    /// An error if the index file is missing, although the last commit and the work tree have files.
    pub(crate) fn require(self) -> Result<(), RepositoryError> {
        let index = self.now()?;
        let missing = index
            .path()
            .filter(|path| !path.exists() && !self.is_rewritten());
        let (Some(path), Some(work_tree)) = (missing, self.program.work_tree) else {
            return Ok(());
        };
        let committed = self
            .objects()
            .head_tree()?
            .is_some_and(|tree| !tree.is_empty());
        let listing = RepositoryError::file("listing", work_tree);
        let mut there = fs::read_dir(work_tree).map_err(listing)?;
        if committed && there.any(|entry| entry.is_ok_and(|entry| entry.file_name() != ".git")) {
            return Err(RepositoryError::NoIndex {
                path: path.to_owned(),
            });
        }
        Ok(())
    }

    /// The regular files in the index, in its order. For a file in conflict, this is our version, or theirs if we have
    /// none. Symbolic links and submodules are left out.
    pub(crate) fn entries(self) -> Result<Vec<IndexEntry>, RepositoryError> {
        let index = self.now()?;
        let mut entries: Vec<IndexEntry> = Vec::with_capacity(index.len());
        for entry in index
            .iter()
            .filter(|entry| entry.mode & TYPE_BITS == REGULAR_FILE)
        {
            let stage = (entry.flags >> 12) & 3;
            let alone = |entries: &[IndexEntry]| {
                entries
                    .last()
                    .is_none_or(|last| last.path.as_bytes() != entry.path)
            };
            if stage == 0 || stage == 2 || (stage == 3 && alone(&entries)) {
                entries.push(IndexEntry {
                    path: PathBytes::new(entry.path),
                    mode: entry.mode,
                    blob: BlobId(entry.id.into()),
                    seen_size: entry.file_size,
                    seen_modified: (entry.mtime.seconds(), entry.mtime.nanoseconds()),
                    seen_changed: (entry.ctime.seconds(), entry.ctime.nanoseconds()),
                    seen_inode: entry.ino,
                    skip_worktree: entry.flags_extended & SKIP_WORKTREE != 0,
                    conflicted: stage != 0,
                    stage,
                });
            }
        }
        Ok(entries)
    }

    /// The symbolic links in the index, with the blobs that hold their targets.
    pub(crate) fn links(self) -> Result<Vec<(PathBytes, BlobId)>, RepositoryError> {
        let index = self.now()?;
        let links = index
            .iter()
            .filter(|entry| entry.mode & TYPE_BITS == SYMBOLIC_LINK);
        Ok(links
            .map(|entry| (PathBytes::new(entry.path), BlobId(entry.id.into())))
            .collect())
    }

    /// The blob staged for the regular file at `path`.
    pub(crate) fn staged_blob(self, path: &PathBytes) -> Result<Option<BlobId>, RepositoryError> {
        Ok(self.snapshot()?.staged_blob(path))
    }

    /// The index as it is now.
    pub(crate) fn snapshot(self) -> Result<IndexSnapshot, RepositoryError> {
        self.now().map(IndexSnapshot)
    }
}
