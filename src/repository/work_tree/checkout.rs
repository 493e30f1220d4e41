//! Writing files to the work tree and the index by running `git`, which runs the filters.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::format::KeyName;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::{run_file_by_file, run_to_end, run_with_input};
use crate::repository::objects::index::IndexEntry;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

impl Repository {
    /// Writes these files to the work tree anew, through the filters that are configured.
    pub fn check_out(&self, entries: &[&IndexEntry]) -> Result<(), RepositoryError> {
        self.check_out_with(&[], entries)
    }

    /// Writes these files to the work tree anew exactly as they are stored, past the filters of `keys`.
    pub fn check_out_stored(
        &self,
        keys: &[&KeyName],
        entries: &[&IndexEntry],
    ) -> Result<(), RepositoryError> {
        let bypass = keys.iter().flat_map(|key| {
            let driver = key.driver();
            ["process=", "smudge=", "clean=", "required=false"]
                .map(|setting| format!("filter.{driver}.{setting}"))
        });
        self.check_out_with(&bypass.collect::<Vec<_>>(), entries)
    }

    /// Adds these files to the index, through the filters that are configured.
    pub fn stage(&self, entries: &[&IndexEntry]) -> Result<(), RepositoryError> {
        self.forget_stat(entries)?;
        let mut command = self.program().command("add");
        command.args(["--force", "--pathspec-from-file=-", "--pathspec-file-nul"]);
        let list = PathBytes::list(entries.iter().map(|entry| &entry.path));
        run_with_input("add", &mut command, list)
    }

    /// What is untracked and not ignored, sorted: files, symbolic links, and nested repositories, which end with `/`.
    pub fn untracked(&self) -> Result<Vec<PathBytes>, RepositoryError> {
        let mut command = self.program().command("ls-files");
        let output = run_to_end(
            "ls-files",
            command.args(["--others", "--exclude-standard", "-z"]),
        )?;
        Ok(PathBytes::listed(&output).collect())
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
        let output = run_to_end("ls-files", &mut command)?;
        Ok(PathBytes::listed(&output).collect())
    }

    /// True if the work tree has a regular file at `path`.
    pub fn is_regular_file(&self, path: &PathBytes) -> bool {
        self.metadata_of(path)
            .is_some_and(|metadata| metadata.is_file())
    }

    /// True if the work tree has a file at `path` with nothing in it.
    pub fn is_empty_file(&self, path: &PathBytes) -> bool {
        self.metadata_of(path)
            .is_some_and(|metadata| metadata.is_file() && metadata.len() == 0)
    }

    fn metadata_of(&self, path: &PathBytes) -> Option<fs::Metadata> {
        let full = self.work_tree()?.join(path.to_path());
        fs::symlink_metadata(full).ok()
    }

    fn check_out_with(
        &self,
        settings: &[String],
        entries: &[&IndexEntry],
    ) -> Result<(), RepositoryError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.forget_stat(entries)?;
        for (stage, option) in [(0, "--index"), (2, "--stage=2"), (3, "--stage=3")] {
            let of_stage: Vec<&IndexEntry> = entries
                .iter()
                .filter(|entry| entry.stage == stage)
                .copied()
                .collect();
            if !of_stage.is_empty() {
                // `git checkout` would leave files as they are: the clean filter takes both forms for unchanged.
                let mut command = self.program().command_with(settings, "checkout-index");
                command.args(["--force", option, "--ignore-skip-worktree-bits"]);
                command.args(["--stdin", "-z"]);
                let paths = of_stage.iter().map(|entry| &entry.path);
                run_file_by_file("checkout-index", &mut command, paths)?;
            }
        }
        Ok(())
    }

    /// Gives files another modification time than the index has: then Git takes them for changed.
    fn forget_stat(&self, entries: &[&IndexEntry]) -> Result<(), RepositoryError> {
        let work_tree = self.require_work_tree("writing files")?;
        for entry in entries {
            // A missing file needs no new time, and a link must not be followed.
            if self.is_regular_file(&entry.path) {
                let path = work_tree.join(entry.path.to_path());
                File::open(&path)
                    .and_then(|file| file.set_modified(another_second(entry)))
                    .map_err(RepositoryError::file("touching", &path))?;
            }
        }
        Ok(())
    }
}

/// Now, or two seconds ago if that is the second that the index has. Git may compare whole seconds only.
fn another_second(entry: &IndexEntry) -> SystemTime {
    let now = SystemTime::now();
    let second = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    match i64::try_from(second).is_ok_and(|second| second == i64::from(entry.seen_modified.0)) {
        true => now - Duration::from_secs(2),
        false => now,
    }
}
