//! The folder that Git runs hooks from.

use std::path::{Path, PathBuf};

use super::configuration::Configuration;
use super::program::run_to_end;
use crate::repository::error::RepositoryError;

impl Configuration<'_> {
    /// The folder that Git runs hooks from. It depends on `core.hooksPath`, and is shared by linked work trees.
    pub(crate) fn hooks_directory(self) -> Result<PathBuf, RepositoryError> {
        let mut command = self.program.command("rev-parse");
        let output = run_to_end("rev-parse", command.args(["--git-path", "hooks"]))?;
        let path = String::from_utf8_lossy(&output);
        let path = Path::new(path.trim_end_matches('\n'));
        // A relative path is relative to the directory that git ran in.
        Ok(match self.program.work_tree {
            Some(top) => top.join(path),
            None => path.to_owned(),
        })
    }
}
