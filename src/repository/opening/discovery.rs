//! Asking Git to which repository a directory belongs, and whether Git trusts it.
//!
//! Only Git knows all the rules: who must own a repository, which paths `safe.directory` names, where bare repositories
//! may be. `git rev-parse` answers as any other git command would begin, with the environment of the caller.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::repository::error::RepositoryError;
use crate::repository::git::program::ignore_repository_variables;
use crate::repository::path::PathBytes;

/// A repository that Git trusts.
pub(super) struct Discovered {
    /// The Git directory of the repository, or of the current linked work tree.
    pub git_dir: PathBuf,
    /// The top of the work tree; `None` if the directory is not in a work tree.
    pub work_tree: Option<PathBuf>,
}

/// Where the search begins, and whether the environment can choose another place.
#[derive(Clone, Copy)]
pub(super) enum Search<'start> {
    /// In the current directory, or where the environment says.
    Environment {
        /// Environment variables that git must not see.
        hidden: &'start [OsString],
    },
    /// In this directory, whatever the environment says.
    Directory(&'start Path),
}

/// The repository that Git finds.
pub(super) fn discovered(search: Search<'_>) -> Result<Discovered, RepositoryError> {
    const FLAGS: [&str; 3] = [
        "--is-bare-repository",
        "--absolute-git-dir",
        "--show-toplevel",
    ];
    let output = rev_parse(search, &FLAGS)?;
    if output.stdout.is_empty() {
        return Err(refused(search, &output));
    }
    let lines: Vec<&[u8]> = lines(&output.stdout).collect();
    // `--show-toplevel` fails outside of a work tree, after the others were answered.
    let (git_dir, top) = match (output.status.success(), lines.as_slice()) {
        (false, [b"true" | b"false", git_dir]) => (path(git_dir), None),
        (true, [b"false", git_dir, top]) => (path(git_dir), Some(path(top))),
        // A path contains a line end: ask each question separately.
        _ => {
            let git_dir = rev_parse(search, &FLAGS[1..2])?.stdout;
            let top = rev_parse(search, &FLAGS[2..])?;
            let top = top.status.success().then_some(top.stdout);
            (whole(&git_dir), top.as_deref().map(whole))
        }
    };
    Ok(Discovered {
        git_dir,
        work_tree: top,
    })
}

fn rev_parse(search: Search<'_>, flags: &[&str]) -> Result<Output, RepositoryError> {
    let mut command = Command::new("git");
    // The error messages are parsed below.
    command.env("LC_ALL", "C").arg("rev-parse").args(flags);
    match search {
        Search::Environment { hidden } => {
            for variable in hidden {
                command.env_remove(variable);
            }
        }
        Search::Directory(start) => {
            ignore_repository_variables(command.current_dir(start));
        }
    }
    command.stdin(Stdio::null());
    command
        .output()
        .map_err(|error| failed(format!("it can't be run: {error}")))
}

/// The error for a search that failed.
fn refused(search: Search<'_>, output: &Output) -> RepositoryError {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find_map(|line| line.strip_prefix("fatal: "));
    let line = line.unwrap_or("it said nothing");
    if line.starts_with("not a git repository") {
        let start = match search {
            Search::Environment { .. } => Path::new("."),
            Search::Directory(start) => start,
        };
        return RepositoryError::NotFound {
            start: start.to_owned(),
        };
    }
    match line.strip_prefix("detected dubious ownership in repository at '") {
        Some(place) => RepositoryError::ForeignOwner {
            place: place.trim_end_matches('\'').into(),
        },
        None => failed(line.to_owned()),
    }
}

fn failed(reason: String) -> RepositoryError {
    RepositoryError::GitProgram {
        command: "rev-parse".to_owned(),
        reason,
    }
}

/// The lines of git's answers. An empty line is the end of a path that ends with a line end.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|&byte| byte == b'\n')
}

fn path(line: &[u8]) -> PathBuf {
    PathBytes::new(line).to_path().to_owned()
}

fn whole(answer: &[u8]) -> PathBuf {
    path(answer.strip_suffix(b"\n").unwrap_or(answer))
}
