//! Files in the index, as a user names them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::repository::error::RepositoryError;
use crate::repository::git::program::run_to_end;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

impl Repository {
    /// The files in the index that these pathspecs choose, as seen from `directory`; one that chooses none is an error.
    pub fn indexed_paths(
        &self,
        directory: &Path,
        pathspecs: &[OsString],
    ) -> Result<HashSet<PathBytes>, RepositoryError> {
        let mut command = Command::new("git");
        command
            .current_dir(directory)
            .args([
                "ls-files",
                "--cached",
                "--error-unmatch",
                "--full-name",
                "-z",
                "--",
            ])
            .args(pathspecs);
        let output = run_to_end("ls-files", &mut command)?;
        Ok(PathBytes::listed(&output).collect())
    }
}
