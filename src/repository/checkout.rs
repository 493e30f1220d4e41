//! What the `git` program does for us: writing work tree and index, listing untracked files.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::SystemTime;

use super::index::PathBytes;
use super::open::{Repository, RepositoryError};
use crate::format::KeyName;

impl Repository {
    /// Writes these files to the work tree anew, through the filters that are configured.
    pub fn check_out(&self, paths: &[&PathBytes]) -> Result<(), RepositoryError> {
        self.check_out_with(&[], paths)
    }

    /// Writes these files to the work tree anew exactly as they are stored, whatever the filters of `keys` say.
    pub fn check_out_stored(
        &self,
        keys: &[&KeyName],
        paths: &[&PathBytes],
    ) -> Result<(), RepositoryError> {
        let bypass = keys.iter().flat_map(|key| {
            let driver = key.driver();
            ["process=", "smudge=", "clean=", "required=false"]
                .map(|setting| format!("filter.{driver}.{setting}"))
        });
        self.check_out_with(&bypass.collect::<Vec<_>>(), paths)
    }

    /// Adds these files to the index, through the filters that are configured.
    pub fn stage(&self, paths: &[&PathBytes]) -> Result<(), RepositoryError> {
        self.forget_stat(paths)?;
        let mut command = self.git_command("add");
        command.args(["--force", "--pathspec-from-file=-", "--pathspec-file-nul"]);
        run_with_paths("add", &mut command, paths)
    }

    /// The untracked files that are not ignored, sorted; nested repositories are left out.
    pub fn untracked(&self) -> Result<Vec<PathBytes>, RepositoryError> {
        let mut command = self.git_command("ls-files");
        let output = Self::run_git(
            "ls-files",
            command.args(["--others", "--exclude-standard", "-z"]),
        )?;
        let names = output
            .split(|&byte| byte == 0)
            .filter(|name| !name.is_empty() && !name.ends_with(b"/"));
        Ok(names.map(PathBytes::new).collect())
    }

    /// The tracked files, and the untracked ones that are not ignored, that these pathspecs choose, as seen from `directory`.
    pub fn paths_matching(
        &self,
        directory: &Path,
        pathspecs: &[OsString],
    ) -> Result<HashSet<PathBytes>, RepositoryError> {
        let mut command = Command::new("git");
        command.current_dir(directory).arg("ls-files");
        command
            .args([
                "--cached",
                "--others",
                "--exclude-standard",
                "--full-name",
                "-z",
                "--",
            ])
            .args(pathspecs);
        let output = Self::run_git("ls-files", &mut command)?;
        Ok(output
            .split(|&byte| byte == 0)
            .filter(|name| !name.is_empty())
            .map(PathBytes::new)
            .collect())
    }

    /// True where the work tree has a regular file at `path`.
    pub fn is_regular_file(&self, path: &PathBytes) -> bool {
        let full = self
            .work_tree()
            .map(|work_tree| work_tree.join(path.to_path()));
        full.and_then(|full| fs::symlink_metadata(full).ok())
            .is_some_and(|metadata| metadata.is_file())
    }

    /// `git SUBCOMMAND` for this repository, from the top of its work tree, with paths taken literally.
    pub(super) fn git_command(&self, subcommand: &str) -> Command {
        self.git_command_with(&[], subcommand)
    }

    fn git_command_with(&self, settings: &[String], subcommand: &str) -> Command {
        let mut command = Command::new("git");
        command
            .env("GIT_DIR", self.git_dir())
            .env("GIT_LITERAL_PATHSPECS", "1");
        if let Some(work_tree) = self.work_tree() {
            command
                .env("GIT_WORK_TREE", work_tree)
                .current_dir(work_tree);
        }
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        command.arg(subcommand);
        command
    }

    /// Runs a `git` command to its end and returns what it printed.
    pub(super) fn run_git(
        subcommand: &str,
        command: &mut Command,
    ) -> Result<Vec<u8>, RepositoryError> {
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| could_not_run(subcommand, &error))?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(failed(subcommand, &output.stderr)),
        }
    }

    fn check_out_with(
        &self,
        settings: &[String],
        paths: &[&PathBytes],
    ) -> Result<(), RepositoryError> {
        if paths.is_empty() {
            return Ok(());
        }
        self.forget_stat(paths)?;
        let mut command = self.git_command_with(settings, "checkout");
        command.args(["--quiet", "--pathspec-from-file=-", "--pathspec-file-nul"]);
        run_with_paths("checkout", &mut command, paths)
    }

    /// Gives files a new modification time, so that Git looks at their content again.
    fn forget_stat(&self, paths: &[&PathBytes]) -> Result<(), RepositoryError> {
        let work_tree = self.require_work_tree("writing files")?;
        let now = SystemTime::now();
        for path in paths {
            let path = work_tree.join(path.to_path());
            // A missing file needs no new time, and a link must not be followed.
            if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
                File::open(&path)
                    .and_then(|file| file.set_modified(now))
                    .map_err(RepositoryError::file("touching", &path))?;
            }
        }
        Ok(())
    }
}

/// Runs a `git` command that reads NUL-separated paths from standard input.
fn run_with_paths(
    subcommand: &str,
    command: &mut Command,
    paths: &[&PathBytes],
) -> Result<(), RepositoryError> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| could_not_run(subcommand, &error))?;
    let mut stdin = child.stdin.take().expect("standard input was piped");
    let mut list = Vec::new();
    for path in paths {
        list.extend_from_slice(path.as_bytes());
        list.push(0);
    }
    // On a thread, since git may fill its standard error before it has read them all; a git that ends early says why.
    let writer = thread::spawn(move || stdin.write_all(&list));
    let output = child
        .wait_with_output()
        .map_err(|error| could_not_run(subcommand, &error))?;
    let _ = writer.join();
    match output.status.success() {
        true => Ok(()),
        false => Err(failed(subcommand, &output.stderr)),
    }
}

fn could_not_run(subcommand: &str, error: &std::io::Error) -> RepositoryError {
    RepositoryError::GitProgram {
        command: subcommand.to_owned(),
        reason: error.to_string(),
    }
}

fn failed(subcommand: &str, printed: &[u8]) -> RepositoryError {
    let printed = String::from_utf8_lossy(printed);
    let told = |line: &&str| line.starts_with("fatal:") || line.starts_with("error:");
    let line = printed
        .lines()
        .rfind(told)
        .or(printed.lines().last())
        .unwrap_or("it said nothing");
    RepositoryError::GitProgram {
        command: subcommand.to_owned(),
        reason: line.to_owned(),
    }
}
