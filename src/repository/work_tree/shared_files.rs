//! Files that are committed so that everybody has them: read as they are, written and committed by themselves.
//!
//! They are read from the work tree; where it has none (a bare repository, a sparse checkout), from the last commit.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::revision::CommitId;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

/// Longer files than this can't be meant.
const LONGEST: u64 = 1 << 20;

/// One of the files below a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedFile {
    /// Where it lies, relative to the top of the work tree.
    pub path: PathBytes,
    /// Its content in a commit, where it is not read from the work tree.
    pub committed: Option<BlobId>,
}

impl Repository {
    /// The files below `directory` (relative to the top of the work tree), sorted.
    pub fn shared_files(&self, directory: &Path) -> Result<Vec<SharedFile>, RepositoryError> {
        let mut files = Vec::new();
        match self.work_tree().map(|top| top.join(directory)) {
            Some(full) if full.is_dir() => {
                let prefix = directory.as_os_str().as_encoded_bytes();
                files_below(&full, prefix, &mut files)?;
            }
            _ => files = self.committed_shared_files(None, directory)?,
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// Where one of them lies in the work tree, if it does.
    pub fn place_of_shared(&self, file: &SharedFile) -> Option<PathBuf> {
        let top = self.work_tree().filter(|_| file.committed.is_none())?;
        Some(top.join(file.path.to_path()))
    }

    /// The content of one of them.
    pub fn read_shared(&self, file: &SharedFile) -> Result<Vec<u8>, RepositoryError> {
        if let Some(id) = file.committed {
            return Ok(self.blob(id)?.content().to_vec());
        }
        let path = self
            .require_work_tree("reading shared files")?
            .join(file.path.to_path());
        let mut content = Vec::new();
        File::open(&path)
            .and_then(|opened| opened.take(LONGEST).read_to_end(&mut content))
            .map_err(RepositoryError::file("reading", &path))?;
        Ok(content)
    }

    /// Writes one into the work tree.
    pub fn write_shared(&self, path: &PathBytes, content: &[u8]) -> Result<(), RepositoryError> {
        let top = self.require_work_tree("adding shared files")?;
        let path = top.join(path.to_path());
        let directory = path.parent().unwrap_or(top);
        fs::create_dir_all(directory).map_err(RepositoryError::file("creating", directory))?;
        fs::write(&path, content).map_err(RepositoryError::file("writing", &path))
    }

    /// Stages these files, ignored or not.
    pub fn stage_shared(&self, paths: &[PathBytes]) -> Result<(), RepositoryError> {
        let mut command = self.git_command("add");
        command.args(["--force", "--"]);
        command.args(paths.iter().map(|path| path.to_path()));
        Self::run_git("add", &mut command).map(drop)
    }

    /// Removes these files from work tree and index.
    pub fn remove_shared(&self, paths: &[PathBytes]) -> Result<(), RepositoryError> {
        let top = self.require_work_tree("removing shared files")?;
        let mut command = self.git_command("rm");
        command.args(["--quiet", "--force", "--ignore-unmatch", "--"]);
        command.args(paths.iter().map(|path| path.to_path()));
        Self::run_git("rm", &mut command)?;
        // What Git did not know is still there.
        for path in paths.iter().map(|path| top.join(path.to_path())) {
            match fs::remove_file(&path) {
                Err(error)
                    if !matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                    ) =>
                {
                    return Err(RepositoryError::file("removing", &path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Commits what is staged of these files, and nothing else that is; false where nothing of them is.
    pub fn commit_shared(
        &self,
        paths: &[PathBytes],
        message: &str,
    ) -> Result<bool, RepositoryError> {
        let mut command = self.git_command("status");
        command.args([
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=no",
            "--",
        ]);
        command.args(paths.iter().map(|path| path.to_path()));
        let changed = Self::run_git("status", &mut command)?;
        // Two letters of state and a space, then the path.
        let changed: Vec<PathBytes> = changed
            .split(|&byte| byte == 0)
            .filter_map(|line| line.get(3..))
            .map(PathBytes::new)
            .collect();
        if changed.is_empty() {
            return Ok(false);
        }
        let mut command = self.git_command("commit");
        command.args(["--quiet", "--only", "--message", message, "--"]);
        command.args(changed.iter().map(|path| path.to_path()));
        Self::run_git("commit", &mut command).map(|_| true)
    }

    /// The files below `directory` in `commit`, or in the last one.
    pub fn committed_shared_files(
        &self,
        commit: Option<CommitId>,
        directory: &Path,
    ) -> Result<Vec<SharedFile>, RepositoryError> {
        let mut files = Vec::new();
        let reading = || RepositoryError::git(format!("reading {}", directory.display()));
        let tree = match commit {
            Some(commit) => Some(self.tree_of(commit.0)?),
            None => self.head_tree()?,
        };
        let Some(tree) = tree else {
            return Ok(files);
        };
        let subtree = match tree.get_path(directory) {
            Ok(entry) => entry.to_object(&self.git).map_err(reading())?,
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(files),
            Err(error) => return Err(reading()(error)),
        };
        let Ok(subtree) = subtree.into_tree() else {
            return Ok(files);
        };
        let prefix = directory.as_os_str().as_encoded_bytes();
        subtree
            .walk(git2::TreeWalkMode::PreOrder, |parents, entry| {
                if entry.kind() == Some(git2::ObjectType::Blob) {
                    let path = [prefix, b"/", parents.as_bytes(), entry.name_bytes()].concat();
                    files.push(SharedFile {
                        path: PathBytes::new(path),
                        committed: Some(BlobId(entry.id())),
                    });
                }
                git2::TreeWalkResult::Ok
            })
            .map_err(reading())?;
        Ok(files)
    }
}

fn files_below(
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
