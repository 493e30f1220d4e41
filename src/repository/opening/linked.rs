//! The other work trees of a repository: the main one, and those linked by `git worktree add`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::repository::Repository;
use crate::repository::error::RepositoryError;
use crate::repository::git::linked_dirs::linked_git_dirs;
use crate::repository::path::PathBytes;

/// The work trees of a repository except the current one.
#[derive(Default)]
pub struct OtherWorkTrees {
    /// The repository, opened in each work tree that exists.
    pub present: Vec<Repository>,
    /// The directories of work trees that can't be reached now, but are kept by `git worktree lock`.
    pub out_of_reach: Vec<PathBuf>,
}

impl Repository {
    /// Finds the other work trees, except those that `git worktree prune` would remove.
    pub fn other_work_trees(&self) -> Result<OtherWorkTrees, RepositoryError> {
        let mut others = OtherWorkTrees::default();
        if self.git_dir() != self.common_dir() {
            let main = self.like_this(self.common_dir(), None)?;
            others
                .present
                .extend(Some(main).filter(|main| main.work_tree().top().is_some()));
        }
        for git_dir in linked_git_dirs(self.common_dir())? {
            if git_dir.canonicalize().ok() == self.git_dir().canonicalize().ok() {
                continue;
            }
            let Some(directory) = work_tree_of(&git_dir)? else {
                continue;
            };
            if directory.join(".git").exists() {
                others.present.push(self.like_this(&directory, None)?);
            } else if git_dir.join("locked").exists() {
                others.out_of_reach.push(directory);
            }
        }
        Ok(others)
    }
}

/// The directory of a linked work tree, from its Git directory.
fn work_tree_of(git_dir: &Path) -> Result<Option<PathBuf>, RepositoryError> {
    let file = git_dir.join("gitdir");
    let content = match fs::read(&file) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(RepositoryError::file("reading", &file)(error)),
    };
    let dot_git = git_dir.join(PathBytes::new(content.trim_ascii_end()).to_path());
    Ok(dot_git.parent().map(Path::to_owned))
}
