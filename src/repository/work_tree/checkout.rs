//! Writing files to the work tree and the index by running `git`, which runs the filters.

use std::fs::File;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::top::WorkTree;
use crate::format::KeyName;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::{run_file_by_file, run_with_input};
use crate::repository::index::entries::IndexEntry;
use crate::repository::path::PathBytes;

impl<'repository> WorkTree<'repository> {
    /// Writes these files to the work tree again, through the configured filters.
    pub(crate) fn check_out(self, entries: &[&IndexEntry]) -> Result<(), RepositoryError> {
        self.check_out_with(&[], entries)
    }

    /// Writes these files to the work tree again exactly as they are stored, without the filters of `keys`.
    pub(crate) fn check_out_stored(
        self,
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

    /// Adds these files to the index, through the configured filters.
    pub(crate) fn stage(self, entries: &[&IndexEntry]) -> Result<(), RepositoryError> {
        self.forget_stat(entries)?;
        let mut command = self.program.command("add");
        command.args(["--force", "--pathspec-from-file=-", "--pathspec-file-nul"]);
        let list = PathBytes::list(entries.iter().map(|entry| &entry.path));
        run_with_input("add", &mut command, list)
    }

    fn check_out_with(
        self,
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
                // `git checkout` would not write the files: for the clean filter, ciphertext and plaintext are both unchanged.
                let mut command = self.program.command_with(settings, "checkout-index");
                command.args(["--force", option, "--ignore-skip-worktree-bits"]);
                command.args(["--stdin", "-z"]);
                let paths = of_stage.iter().map(|entry| &entry.path);
                run_file_by_file("checkout-index", &mut command, paths)?;
            }
        }
        Ok(())
    }

    /// Gives files another modification time than the index has, so that Git takes them for changed.
    fn forget_stat(self, entries: &[&IndexEntry]) -> Result<(), RepositoryError> {
        let work_tree = self.require("writing files")?;
        for entry in entries {
            // A missing file needs no new time, and a symbolic link must not be followed.
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

/// Now, or two seconds ago if the index has the current second. Git may compare whole seconds only.
fn another_second(entry: &IndexEntry) -> SystemTime {
    let now = SystemTime::now();
    let second = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    if i64::try_from(second).is_ok_and(|second| second == i64::from(entry.seen_modified.0)) {
        now - Duration::from_secs(2)
    } else {
        now
    }
}
