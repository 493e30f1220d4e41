//! Git's hooks: where they really are, and scripts put there in one step.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
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

/// Writes a file in one step: there is the old content or the new one, never half of it.
pub(crate) fn write_whole_file(path: &Path, content: &[u8]) -> Result<(), RepositoryError> {
    replace(path, content, 0o644).map_err(RepositoryError::file("writing", path))
}

/// Writes a script that everybody may run, in one step.
pub(crate) fn write_script(path: &Path, content: &[u8]) -> Result<(), RepositoryError> {
    replace(path, content, 0o755).map_err(RepositoryError::file("writing", path))
}

fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hs-secrets-");
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(mode))?;
    file.persist(path)?;
    Ok(())
}
