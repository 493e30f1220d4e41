//! The local configuration that makes Git call this program: a filter, a diff and a merge driver for each key.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::filter_program::FilterProgram;
use super::program::run_to_end;
use super::settings::if_set;
use crate::format::KeyName;
use crate::repository::error::RepositoryError;
use crate::repository::files::private_files::remove_leftovers;
use crate::repository::open::Repository;

/// First letters of the names of copies of the configuration.
const COPY_PREFIX: &str = "config.hs-secrets-";

/// What Git is configured to do with the files of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    /// The command that encrypts one file.
    pub clean: Option<String>,
    /// The command that decrypts one file.
    pub smudge: Option<String>,
    /// The command that filters many.
    pub process: Option<String>,
    /// True if Git fails when the filter does. Otherwise it goes on without the filter.
    pub required: bool,
    /// The command that merges.
    pub merge: Option<String>,
    /// True if `git diff` is told to keep the plaintext that it shows, as a note in the repository.
    pub keeps_plaintext: bool,
}

impl Driver {
    /// True if Git has a filter to encrypt with.
    pub fn filters(&self) -> bool {
        self.clean.is_some() || self.process.is_some()
    }
}

impl Repository {
    /// The keys whose filter is configured here.
    pub fn configured_drivers(&self) -> Result<Vec<KeyName>, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let config = self.configuration()?;
        let mut keys = Vec::new();
        let mut entries = config
            .entries(Some(r"^filter\.git-crypt.*\.(clean|smudge|process)$"))
            .map_err(reading())?;
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(reading())?;
            let driver = entry
                .name()
                .ok()
                .and_then(|name| name.strip_prefix("filter.")?.rsplit_once('.'));
            keys.extend(driver.and_then(|(driver, _)| KeyName::of_driver(driver)));
        }
        keys.sort();
        keys.dedup();
        Ok(keys)
    }

    /// What is configured for `key`, wherever Git reads settings from.
    pub fn driver(&self, key: &KeyName) -> Result<Driver, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let config = self.configuration()?;
        let text = |name: String| {
            let value = if_set(config.get_string(&name)).map_err(reading())?;
            Ok(value.filter(|value| !value.is_empty()))
        };
        let driver = key.driver();
        // Git itself complains about a value that is neither true nor false.
        let is_true = |name: String| config.get_bool(&name).unwrap_or(false);
        Ok(Driver {
            clean: text(format!("filter.{driver}.clean"))?,
            smudge: text(format!("filter.{driver}.smudge"))?,
            process: text(format!("filter.{driver}.process"))?,
            merge: text(format!("merge.{driver}.driver"))?,
            required: is_true(format!("filter.{driver}.required")),
            keeps_plaintext: is_true(format!("diff.{driver}.cachetextconv")),
        })
    }

    /// True if Git records how conflicts were resolved, in files of its own (rerere).
    pub fn records_resolutions(&self) -> Result<bool, RepositoryError> {
        let enabled = if_set(self.configuration()?.get_bool("rerere.enabled"))
            .map_err(RepositoryError::git("reading the setting rerere.enabled"))?;
        Ok(enabled.unwrap_or_else(|| self.common_dir().join("rr-cache").is_dir()))
    }

    /// The keys whose filter is another program's, if `program` would leave it there.
    pub fn kept_drivers<'key>(
        &self,
        keys: &[&'key KeyName],
        program: &FilterProgram,
    ) -> Result<Vec<&'key KeyName>, RepositoryError> {
        let mut kept = Vec::new();
        for key in keys {
            if program.keeps(&self.driver(key)?, key) {
                kept.push(*key);
            }
        }
        Ok(kept)
    }

    /// Configures filter, diff and merge driver of `keys`, all in one step; returns the keys whose filter stays that of
    /// another program, which gets a merge driver beside it.
    pub fn configure_drivers<'key>(
        &self,
        keys: &[&'key KeyName],
        program: &FilterProgram,
    ) -> Result<Vec<&'key KeyName>, RepositoryError> {
        let kept = self.kept_drivers(keys, program)?;
        self.edit_config(|edit| {
            for key in keys {
                let driver = key.driver();
                edit.set(
                    &format!("merge.{driver}.name"),
                    "three-way merge of encrypted files",
                )?;
                edit.set(
                    &format!("merge.{driver}.driver"),
                    &program.merge_command(key),
                )?;
                edit.set(&format!("filter.{driver}.required"), "true")?;
                if kept.contains(key) {
                    continue;
                }
                edit.set(
                    &format!("filter.{driver}.smudge"),
                    &program.command("smudge", key),
                )?;
                edit.set(
                    &format!("filter.{driver}.clean"),
                    &program.command("clean", key),
                )?;
                edit.set(
                    &format!("filter.{driver}.process"),
                    &program.command("filter-process", key),
                )?;
                edit.set(
                    &format!("diff.{driver}.textconv"),
                    &program.command("diff", key),
                )?;
            }
            Ok(())
        })?;
        Ok(kept)
    }

    /// Removes filter, diff and merge driver of `keys`, all in one step.
    pub fn remove_drivers(&self, keys: &[&KeyName]) -> Result<(), RepositoryError> {
        self.edit_config(|edit| {
            for key in keys {
                edit.remove_section(&format!("filter.{}", key.driver()))?;
                edit.remove_section(&format!("diff.{}", key.driver()))?;
                edit.remove_section(&format!("merge.{}", key.driver()))?;
            }
            Ok(())
        })
    }

    /// Lets `edit` change a copy of the configuration, and puts the copy in its place under Git's own lock. The lock is held
    /// for a moment only: a process that is killed while it holds the lock leaves it behind.
    fn edit_config(
        &self,
        edit: impl Fn(&ConfigEdit<'_>) -> Result<(), RepositoryError>,
    ) -> Result<(), RepositoryError> {
        let config = self.common_dir().join("config");
        let config =
            fs::canonicalize(&config).map_err(RepositoryError::file("reading", &config))?;
        let reading = || RepositoryError::file("reading", &config);
        let directory = config.parent().unwrap_or(Path::new("."));
        remove_leftovers(directory, COPY_PREFIX)
            .map_err(RepositoryError::file("cleaning up", directory))?;
        loop {
            let before = fs::read(&config).map_err(reading())?;
            let copy =
                copy_in(directory, &before).map_err(RepositoryError::file("copying", &config))?;
            edit(&ConfigEdit {
                repository: self,
                file: &copy,
            })?;
            let after = fs::read(&copy).map_err(RepositoryError::file("reading", &copy))?;
            let lock = ConfigLock::take(config.with_file_name("config.lock"))?;
            if fs::read(&config).map_err(reading())? == before {
                return lock.replace(&config, &after);
            }
            // Somebody else has changed it meanwhile: begin again with what it is now.
        }
    }
}

/// A copy that is removed when it is no longer needed.
fn copy_in(directory: &Path, content: &[u8]) -> io::Result<tempfile::TempPath> {
    let mut copy = tempfile::Builder::new()
        .prefix(COPY_PREFIX)
        .tempfile_in(directory)?;
    copy.write_all(content)?;
    Ok(copy.into_temp_path())
}

/// A configuration file being changed by `git config`.
struct ConfigEdit<'edit> {
    repository: &'edit Repository,
    file: &'edit Path,
}

impl ConfigEdit<'_> {
    fn set(&self, name: &str, value: &str) -> Result<(), RepositoryError> {
        self.run(&["--replace-all", name, value])
    }

    fn remove_section(&self, section: &str) -> Result<(), RepositoryError> {
        let text = fs::read(self.file).map_err(RepositoryError::file("reading", self.file))?;
        let (name, subsection) = section.split_once('.').unwrap_or((section, ""));
        let heading = format!("[{name} \"{subsection}\"]");
        match String::from_utf8_lossy(&text).contains(&heading) {
            true => self.run(&["--remove-section", section]),
            false => Ok(()),
        }
    }

    fn run(&self, arguments: &[&str]) -> Result<(), RepositoryError> {
        let mut command = self.repository.program().command("config");
        command.arg("--file").arg(self.file).args(arguments);
        run_to_end("config", &mut command).map(drop)
    }
}

/// Git's lock of the configuration. Dropping it unlocks the configuration as it was.
struct ConfigLock {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl ConfigLock {
    fn take(path: PathBuf) -> Result<Self, RepositoryError> {
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => Ok(Self {
                path,
                file,
                renamed: false,
            }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(RepositoryError::ConfigLocked { path })
            }
            Err(error) => Err(RepositoryError::file("locking", &path)(error)),
        }
    }

    /// Gives the lock file this content and the configuration's name.
    fn replace(mut self, config: &Path, content: &[u8]) -> Result<(), RepositoryError> {
        let permissions = fs::metadata(config).map(|metadata| metadata.permissions());
        self.file
            .write_all(content)
            .and_then(|()| self.file.set_permissions(permissions?))
            .map_err(RepositoryError::file("writing", &self.path))?;
        fs::rename(&self.path, config).map_err(RepositoryError::file("writing", config))?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for ConfigLock {
    fn drop(&mut self) {
        // Once this file is renamed, a file of that name is another program's lock.
        if !self.renamed {
            // The next program that wants the lock reports a file that can't be removed.
            let _ = fs::remove_file(&self.path);
        }
    }
}
