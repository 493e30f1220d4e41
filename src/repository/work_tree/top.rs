//! The view of a repository's work tree, and the kinds of its files.

use std::fs;
use std::path::Path;

use crate::repository::attributes::view::Attributes;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::{GitCommand, run_to_end};
use crate::repository::index::file::Index;
use crate::repository::objects::blobs::Objects;
use crate::repository::path::PathBytes;

/// The work tree of a repository; a bare repository has none.
#[derive(Clone, Copy)]
pub(crate) struct WorkTree<'repository> {
    pub(in crate::repository) program: GitCommand<'repository>,
    pub(in crate::repository) objects: Objects<'repository>,
    pub(in crate::repository) index: Index<'repository>,
    pub(in crate::repository) attributes: Attributes<'repository>,
}

impl<'repository> WorkTree<'repository> {
    /// The top of the work tree; a bare repository has none.
    pub(crate) fn top(self) -> Option<&'repository Path> {
        self.program.work_tree
    }

    /// The top of the work tree. In a bare repository, the error says that `doing` needs a work tree.
    pub(crate) fn require(self, doing: &'static str) -> Result<&'repository Path, RepositoryError> {
        self.top().ok_or_else(|| RepositoryError::Bare {
            doing,
            git_dir: self.program.git_dir.to_owned(),
        })
    }

    /// The untracked files that are not ignored, sorted, including symbolic links. Nested repositories are listed as
    /// folders and end with `/`.
    pub(crate) fn untracked(self) -> Result<Vec<PathBytes>, RepositoryError> {
        let mut command = self.program.command("ls-files");
        let output = run_to_end(
            "ls-files",
            command.args(["--others", "--exclude-standard", "-z"]),
        )?;
        Ok(PathBytes::listed(&output).collect())
    }

    /// True if the work tree has a regular file at `path`.
    pub(crate) fn is_regular_file(self, path: &PathBytes) -> bool {
        self.metadata_of(path)
            .is_some_and(|metadata| metadata.is_file())
    }

    /// True if the work tree has an empty regular file at `path`.
    pub(crate) fn is_empty_file(self, path: &PathBytes) -> bool {
        self.metadata_of(path)
            .is_some_and(|metadata| metadata.is_file() && metadata.len() == 0)
    }

    fn metadata_of(self, path: &PathBytes) -> Option<fs::Metadata> {
        let full = self.top()?.join(path.to_path());
        fs::symlink_metadata(full).ok()
    }
}
