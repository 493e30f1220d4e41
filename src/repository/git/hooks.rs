//! Where Git's hooks are, for those who install one.

use std::path::{Path, PathBuf};

use super::program::run_to_end;
use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;

impl Repository {
    /// The directory that Git runs hooks from, which depends on `core.hooksPath` and on linked work trees.
    pub fn hooks_directory(&self) -> Result<PathBuf, RepositoryError> {
        let mut command = self.program().command("rev-parse");
        let output = run_to_end("rev-parse", command.args(["--git-path", "hooks"]))?;
        let path = String::from_utf8_lossy(&output);
        let path = Path::new(path.trim_end_matches('\n'));
        // It is relative to the directory that git ran in.
        Ok(match self.work_tree() {
            Some(top) => top.join(path),
            None => path.to_owned(),
        })
    }

    /// What comment lines in a commit message begin with: `core.commentString` or `core.commentChar`, else `#`.
    pub fn comment_mark(&self) -> Result<Vec<u8>, RepositoryError> {
        let config = self.configuration()?;
        let set = ["core.commentString", "core.commentChar"]
            .iter()
            .find_map(|name| config.get_string(name).ok());
        Ok(set
            .filter(|mark| !mark.is_empty() && mark != "auto")
            .map_or(b"#".to_vec(), String::into_bytes))
    }
}
