//! Files as a user names them: by pathspecs, relative to a directory.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::top::WorkTree;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::run_to_end;
use crate::repository::path::PathBytes;

impl<'repository> WorkTree<'repository> {
    /// The files in the index that match these pathspecs, relative to `directory`. A pathspec that matches nothing is an error.
    pub(crate) fn indexed_paths(
        self,
        directory: &Path,
        pathspecs: &[OsString],
    ) -> Result<HashSet<PathBytes>, RepositoryError> {
        listed(directory, &["--cached", "--error-unmatch"], pathspecs)
    }

    /// The tracked files, and the untracked files that are not ignored, that match these pathspecs, relative to `directory`.
    pub(crate) fn paths_matching(
        self,
        directory: &Path,
        pathspecs: &[OsString],
    ) -> Result<HashSet<PathBytes>, RepositoryError> {
        listed(
            directory,
            &["--cached", "--others", "--exclude-standard"],
            pathspecs,
        )
    }
}

fn listed(
    directory: &Path,
    options: &[&str],
    pathspecs: &[OsString],
) -> Result<HashSet<PathBytes>, RepositoryError> {
    let mut command = Command::new("git");
    command.current_dir(directory).arg("ls-files").args(options);
    command.args(["--full-name", "-z", "--"]).args(pathspecs);
    let output = run_to_end("ls-files", &mut command)?;
    Ok(PathBytes::listed(&output).collect())
}
