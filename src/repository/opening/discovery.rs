//! Asking Git which repository a directory belongs to, and whether Git trusts it.
//!
//! Git alone knows all rules: who has to own a repository, which paths `safe.directory` names, where bare repositories may lie.
//! `git rev-parse` answers as it would begin any other command, with the caller's environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::repository::error::RepositoryError;
use crate::repository::git::program::leave_out_choices;
use crate::repository::path::PathBytes;

/// A repository that Git trusts.
pub(super) struct Discovered {
    /// Its Git directory, or that of the linked work tree in hand.
    pub git_dir: PathBuf,
    /// The top of the work tree; `None` if the directory is in none.
    pub work_tree: Option<PathBuf>,
}

/// Where a search begins, and what may choose another place.
#[derive(Clone, Copy)]
pub(super) enum Search<'start> {
    /// In the current directory, or wherever the environment says.
    Environment {
        /// Variables that the program does not see.
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
    let lines: Vec<&[u8]> = lines(&output.stdout).collect();
    let (git_dir, top) = match lines.as_slice() {
        // The last question has no answer outside of a work tree.
        [b"true" | b"false", git_dir] => (path(git_dir), None),
        [b"true" | b"false", git_dir, top] => (path(git_dir), Some(path(top))),
        [] => return Err(refused(search, &output)),
        // A line end in a path: each question gets an answer of its own.
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
    // Its errors are read below.
    command.env("LC_ALL", "C").arg("rev-parse").args(flags);
    match search {
        Search::Environment { hidden } => {
            for variable in hidden {
                command.env_remove(variable);
            }
        }
        Search::Directory(start) => {
            leave_out_choices(command.current_dir(start));
        }
    }
    command.stdin(Stdio::null());
    command
        .output()
        .map_err(|error| failed(format!("it can't be run: {error}")))
}

/// The error for a search that found nothing.
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

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.split(|&byte| byte == b'\n');
    lines.filter(|line| !line.is_empty())
}

fn path(line: &[u8]) -> PathBuf {
    PathBytes::new(line).to_path().to_owned()
}

fn whole(answer: &[u8]) -> PathBuf {
    path(answer.strip_suffix(b"\n").unwrap_or(answer))
}
