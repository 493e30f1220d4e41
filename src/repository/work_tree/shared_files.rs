//! Files that are committed for everybody to have: read as they are, written and committed by themselves.
//!
//! They are read from the work tree. If it has none (a bare repository, a sparse checkout), they are read from the last commit.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::repository::error::RepositoryError;
use crate::repository::files::door::{read_below, remove_below, write_below};
use crate::repository::files::private_files::TEMPORARY_PREFIX;
use crate::repository::git::program::run_to_end;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::revision::CommitId;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

/// Maximum length of a shared file. A wrapped key has a few hundred bytes, or some thousand with GPG.
const MAXIMUM_LENGTH: u64 = 1 << 20;

/// One of the files below a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedFile {
    /// Where it lies, relative to the top of the work tree.
    pub path: PathBytes,
    /// Its content in a commit; `None` if it is read from the work tree.
    pub committed: Option<BlobId>,
}

impl Repository {
    /// The files below `directory` (relative to the top of the work tree), sorted.
    pub fn shared_files(&self, directory: &Path) -> Result<Vec<SharedFile>, RepositoryError> {
        let mut files = Vec::new();
        match self.work_tree().map(|top| top.join(directory)) {
            Some(full) if full.is_symlink() => {
                return Err(RepositoryError::LinkInTheWay { path: full });
            }
            Some(full) if full.is_dir() => {
                let prefix = directory.as_os_str().as_encoded_bytes();
                files_below(&full, prefix, &mut files)?;
            }
            _ => files = self.committed_shared_files(None, directory)?,
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// Where a shared file lies in the work tree; `None` if it is read from a commit.
    pub fn place_of_shared(&self, file: &SharedFile) -> Option<PathBuf> {
        let top = self.work_tree().filter(|_| file.committed.is_none())?;
        Some(top.join(file.path.to_path()))
    }

    /// The content of a shared file.
    pub fn read_shared(&self, file: &SharedFile) -> Result<Vec<u8>, RepositoryError> {
        if let Some(id) = file.committed {
            if self.objects().blob_len(id)? > MAXIMUM_LENGTH {
                return Err(RepositoryError::TooLong {
                    path: file.path.to_path().to_owned(),
                    maximum: MAXIMUM_LENGTH,
                });
            }
            return Ok(self.objects().blob(id)?.content().to_vec());
        }
        let top = self.require_work_tree("reading shared files")?;
        let path = file.path.to_path();
        let missing =
            || RepositoryError::file("reading", &top.join(path))(io::ErrorKind::NotFound.into());
        read_below(top, path, MAXIMUM_LENGTH)?.ok_or_else(missing)
    }

    /// Writes a file of the work tree whose path somebody else may have chosen: through no link, and whole.
    pub(crate) fn write_in_work_tree(
        &self,
        path: &Path,
        content: &[u8],
    ) -> Result<(), RepositoryError> {
        write_below(self.require_work_tree("writing files")?, path, content)
    }

    /// Writes a file that its user has named. In the work tree no link is followed, since a commit may have put one there; a
    /// place outside of it, or in `.git`, is its user's own.
    pub(crate) fn write_output(&self, place: &Path, content: &[u8]) -> Result<(), RepositoryError> {
        let place = without_parent_steps(place)
            .map_err(RepositoryError::file("finding the place of", place))?;
        match self.path_in_work_tree(&place) {
            Some(path) if !path.starts_with(".git") => self.write_in_work_tree(&path, content),
            _ => fs::write(&place, content).map_err(RepositoryError::file("writing", &place)),
        }
    }

    /// The path from the top of the work tree of what lies at `place`, if that is in it. Links on the way to the top are
    /// followed, those below it are not.
    fn path_in_work_tree(&self, place: &Path) -> Option<PathBuf> {
        let top = self.work_tree()?.canonicalize().ok()?;
        let is_top = |folder: &&Path| folder.canonicalize().is_ok_and(|folder| folder == top);
        // The shortest of them: a link below the top may lead back to it.
        let base = place.ancestors().filter(is_top).last()?;
        place.strip_prefix(base).ok().map(Path::to_owned)
    }

    /// Writes a shared file into the work tree.
    pub fn write_shared(&self, path: &PathBytes, content: &[u8]) -> Result<(), RepositoryError> {
        let top = self.require_work_tree("adding shared files")?;
        write_below(top, path.to_path(), content)
    }

    /// Removes the temporary files below `directory` that a killed process has left in the work tree.
    pub(crate) fn sweep_shared(&self, directory: &Path) -> Result<(), RepositoryError> {
        let top = self.require_work_tree("adding shared files")?;
        let full = top.join(directory);
        if !full.is_dir() {
            return Ok(());
        }
        let mut files = Vec::new();
        files_below(&full, directory.as_os_str().as_encoded_bytes(), &mut files)?;
        for file in files {
            let path = file.path.to_path();
            let name = path.file_name().unwrap_or_default();
            if name
                .as_encoded_bytes()
                .starts_with(TEMPORARY_PREFIX.as_bytes())
            {
                remove_below(top, path)?;
            }
        }
        Ok(())
    }

    /// Stages these files, even if they are ignored.
    pub fn stage_shared(&self, paths: &[PathBytes]) -> Result<(), RepositoryError> {
        let mut command = self.program().command("add");
        // Where a sparse checkout leaves them out, too.
        command.args(["--force", "--sparse", "--"]);
        command.args(paths.iter().map(|path| path.to_path()));
        run_to_end("add", &mut command).map(drop)
    }

    /// Removes these files from work tree and index.
    pub fn remove_shared(&self, paths: &[PathBytes]) -> Result<(), RepositoryError> {
        let top = self.require_work_tree("removing shared files")?;
        let mut command = self.program().command("rm");
        command.args(["--quiet", "--force", "--sparse", "--ignore-unmatch", "--"]);
        command.args(paths.iter().map(|path| path.to_path()));
        run_to_end("rm", &mut command)?;
        // Untracked files are still there.
        for path in paths {
            remove_below(top, path.to_path())?;
        }
        Ok(())
    }

    /// Commits what is staged of these files and nothing else. False if nothing of them is staged.
    pub fn commit_shared(
        &self,
        paths: &[PathBytes],
        message: &str,
    ) -> Result<bool, RepositoryError> {
        let mut command = self.program().command("status");
        command.args([
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=no",
            "--",
        ]);
        command.args(paths.iter().map(|path| path.to_path()));
        let changed = run_to_end("status", &mut command)?;
        // Two letters of state and a space, then the path.
        let changed: Vec<PathBytes> = changed
            .split(|&byte| byte == 0)
            .filter_map(|line| line.get(3..))
            .map(PathBytes::new)
            .collect();
        if changed.is_empty() {
            return Ok(false);
        }
        let mut command = self.program().command("commit");
        command.args(["--quiet", "--only", "--message", message, "--"]);
        command.args(changed.iter().map(|path| path.to_path()));
        run_to_end("commit", &mut command).map(|_| true)
    }

    /// The files below `directory` in `commit`, or in the last one.
    pub fn committed_shared_files(
        &self,
        commit: Option<CommitId>,
        directory: &Path,
    ) -> Result<Vec<SharedFile>, RepositoryError> {
        let files = self.objects().files_below(commit, directory)?;
        let shared = files.into_iter().map(|(path, blob)| SharedFile {
            path,
            committed: Some(blob),
        });
        Ok(shared.collect())
    }
}

/// The absolute path of `place`, with each `..` resolved by taking away the part before it: a link there leads nowhere else.
fn without_parent_steps(place: &Path) -> io::Result<PathBuf> {
    let mut resolved = PathBuf::new();
    for part in std::path::absolute(place)?.components() {
        if part == Component::ParentDir {
            resolved.pop();
        } else {
            resolved.push(part);
        }
    }
    Ok(resolved)
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn outputs_beside_the_work_tree_are_written_and_no_link_in_it_is_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path().join("top");
        git2::Repository::init(&top).expect("an empty folder");
        fs::create_dir(folder.path().join("home")).expect("a new folder");
        symlink(folder.path().join("home"), top.join("link")).expect("a new link");
        let repository = Repository::open(&top).expect("it is a repository");
        let write = |place: &str| repository.write_output(&top.join(place), b"text");
        for place in [
            "a.yml",
            "../beside.yml",
            ".git/c.yml",
            "link/../d.yml",
            "link/../../e.yml",
        ] {
            write(place).expect(place);
        }
        for place in [
            "top/a.yml",
            "beside.yml",
            "top/.git/c.yml",
            "top/d.yml",
            "e.yml",
        ] {
            assert!(folder.path().join(place).is_file(), "{place}");
        }
        let refused = write("link/f.yml");
        assert!(matches!(refused, Err(RepositoryError::LinkInTheWay { .. })));
        assert_eq!(
            fs::read_dir(folder.path().join("home"))
                .expect("a folder")
                .count(),
            0
        );
    }
}
