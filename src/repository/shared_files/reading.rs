//! Reading the shared files, which are committed for everybody.
//!
//! They are read from the work tree. If the work tree does not have the folder (in a bare repository or a sparse
//! checkout), they are read from the last commit.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::repository::error::RepositoryError;
use crate::repository::files::door::read_below;
use crate::repository::git::program::GitCommand;
use crate::repository::objects::blobs::{BlobId, Objects};
use crate::repository::objects::revision::CommitId;
use crate::repository::path::PathBytes;

/// Maximum length in bytes of a shared file. A wrapped key has a few hundred bytes, or some thousand with GPG.
const MAXIMUM_LENGTH: u64 = 1 << 20;

/// A shared file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedFile {
    /// Relative to the top of the work tree.
    pub path: PathBytes,
    /// The blob of a file in a commit; `None` if the file is read from the work tree.
    pub committed: Option<BlobId>,
}

/// The files of a repository that are committed for everybody.
#[derive(Clone, Copy)]
pub(crate) struct SharedFiles<'repository> {
    pub(in crate::repository) program: GitCommand<'repository>,
    pub(in crate::repository) objects: Objects<'repository>,
}

impl<'repository> SharedFiles<'repository> {
    pub(super) fn require_top(self) -> Result<&'repository Path, RepositoryError> {
        self.program.work_tree.ok_or_else(|| RepositoryError::Bare {
            doing: "changing shared files",
            git_dir: self.program.git_dir.to_owned(),
        })
    }

    /// The files below `directory` (relative to the top of the work tree), sorted by path.
    pub(crate) fn list(self, directory: &Path) -> Result<Vec<SharedFile>, RepositoryError> {
        let mut files = Vec::new();
        match self.program.work_tree.map(|top| top.join(directory)) {
            Some(full) if full.is_symlink() => {
                return Err(RepositoryError::LinkInTheWay { path: full });
            }
            Some(full) if full.is_dir() => {
                let prefix = directory.as_os_str().as_encoded_bytes();
                files_below(&full, prefix, &mut files)?;
            }
            _ => files = self.committed(None, directory)?,
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// The path of a shared file in the work tree; `None` if it is read from a commit.
    pub(crate) fn place_of(self, file: &SharedFile) -> Option<PathBuf> {
        let top = self
            .program
            .work_tree
            .filter(|_| file.committed.is_none())?;
        Some(top.join(file.path.to_path()))
    }

    /// The content of a shared file.
    pub(crate) fn read(self, file: &SharedFile) -> Result<Vec<u8>, RepositoryError> {
        if let Some(id) = file.committed {
            if self.objects.blob_len(id)? > MAXIMUM_LENGTH {
                return Err(RepositoryError::TooLong {
                    path: file.path.to_path().to_owned(),
                    maximum: MAXIMUM_LENGTH,
                });
            }
            return Ok(self.objects.blob(id)?.content().to_vec());
        }
        let top = self.require_top()?;
        let path = file.path.to_path();
        let missing =
            || RepositoryError::file("reading", &top.join(path))(io::ErrorKind::NotFound.into());
        read_below(top, path, MAXIMUM_LENGTH)?.ok_or_else(missing)
    }

    /// The files below `directory` in `commit`, or in the last commit.
    pub(crate) fn committed(
        self,
        commit: Option<CommitId>,
        directory: &Path,
    ) -> Result<Vec<SharedFile>, RepositoryError> {
        let files = self.objects.files_below(commit, directory)?;
        let shared = files.into_iter().map(|(path, blob)| SharedFile {
            path,
            committed: Some(blob),
        });
        Ok(shared.collect())
    }
}

/// Adds the files below `directory`, a folder of the work tree, to `files`. `prefix` is its path from the top.
pub(super) fn files_below(
    directory: &Path,
    prefix: &[u8],
    files: &mut Vec<SharedFile>,
) -> Result<(), RepositoryError> {
    let listing = || RepositoryError::file("listing", directory);
    for entry in fs::read_dir(directory).map_err(listing())? {
        let entry = entry.map_err(listing())?;
        let name: &OsStr = &entry.file_name();
        let path = [prefix, b"/", name.as_encoded_bytes()].concat();
        let kind = entry.file_type().map_err(listing())?;
        if kind.is_dir() {
            files_below(&entry.path(), &path, files)?;
        } else if kind.is_file() {
            files.push(SharedFile {
                path: PathBytes::new(path),
                committed: None,
            });
        }
    }
    Ok(())
}
