//! Where Git's hooks are, with what comments in its messages begin with.

use std::path::{Path, PathBuf};

use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;

impl Repository {
    /// The directory that Git runs hooks from, whatever `core.hooksPath` and linked work trees make of it.
    pub fn hooks_directory(&self) -> Result<PathBuf, RepositoryError> {
        let mut command = self.git_command("rev-parse");
        let output = Self::run_git("rev-parse", command.args(["--git-path", "hooks"]))?;
        let path = String::from_utf8_lossy(&output);
        let path = Path::new(path.trim_end_matches('\n'));
        // Relative to where git ran.
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
