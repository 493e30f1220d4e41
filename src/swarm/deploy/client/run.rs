//! How the docker client is to be run: where, with which variables and arguments.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the docker client is to be run.
#[derive(Debug, Clone, Default)]
pub struct ClientRun {
    /// The directory that it runs in if the stack's folder is not there, as in a bare clone. Empty for the current one.
    pub directory: PathBuf,
    /// Variables besides those of this process. `None` as a value removes a variable.
    pub environment: Vec<(String, Option<String>)>,
    /// Arguments of the user's own.
    pub arguments: Vec<OsString>,
    /// True to run it in a process group of its own, which ends as a whole. Its programs can't ask at a terminal then.
    pub has_own_group: bool,
}

impl ClientRun {
    /// The client, with the variables that it is to have.
    pub(super) fn docker(&self) -> Command {
        let mut command = Command::new("docker");
        if self.has_own_group {
            command.process_group(0);
        }
        for (variable, value) in &self.environment {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        command
    }

    /// The directory to run in for a stack whose first file lies in `folder` below `top`. Relative paths in the stack file are
    /// relative to it.
    pub(super) fn directory_of(&self, top: Option<&Path>, folder: &str) -> PathBuf {
        let directory = match top {
            Some(top) if top.join(folder).is_dir() => top.join(folder),
            Some(top) => top.to_owned(),
            None => self.directory.clone(),
        };
        if directory.as_os_str().is_empty() {
            return PathBuf::from(".");
        }
        directory
    }
}
