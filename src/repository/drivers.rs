//! The local configuration that makes Git call this program: a filter, a diff and a merge driver for each key.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::open::{Repository, RepositoryError};
use crate::format::KeyName;

/// How Git's shell is to call this program: its name or absolute path, quoted.
#[derive(Debug, Clone)]
pub struct FilterProgram(String);

/// What Git is configured to do with the files of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    /// The command that encrypts one file.
    pub clean: Option<String>,
    /// The command that filters many.
    pub process: Option<String>,
    /// The command that merges.
    pub merge: Option<String>,
    /// True where `git diff` is told to keep the plaintext it shows, as a note in the repository.
    pub keeps_plaintext: bool,
}

impl Driver {
    /// True where Git has a filter to encrypt with.
    pub fn filters(&self) -> bool {
        self.clean.is_some() || self.process.is_some()
    }
}

impl FilterProgram {
    /// The program at `path`, or, where that has one part only, wherever `PATH` finds it.
    pub fn new(path: &Path) -> Self {
        let mut quoted = String::from("\"");
        for letter in path.to_string_lossy().chars() {
            if "\"\\$`".contains(letter) {
                quoted.push('\\');
            }
            quoted.push(letter);
        }
        quoted.push('"');
        Self(quoted)
    }

    /// The word that a shell reads.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn command(&self, verb: &str, key: &KeyName) -> String {
        match key.name() {
            None => format!("{} {verb}", self.0),
            Some(name) => format!("{} {verb} --key-name={name}", self.0),
        }
    }

    fn merge_command(&self, key: &KeyName) -> String {
        format!("{} -- %O %A %B %L %P %S %X %Y", self.command("merge", key))
    }
}

impl Repository {
    /// The keys whose filter is configured here.
    pub fn configured_drivers(&self) -> Result<Vec<KeyName>, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let config = self
            .git
            .config()
            .and_then(|mut config| config.snapshot())
            .map_err(reading())?;
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
        let config = self
            .git
            .config()
            .and_then(|mut config| config.snapshot())
            .map_err(reading())?;
        let text = |name: String| match config.get_string(&name) {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(reading()(error)),
        };
        let driver = key.driver();
        let keeps_plaintext = format!("diff.{driver}.cachetextconv");
        Ok(Driver {
            clean: text(format!("filter.{driver}.clean"))?,
            process: text(format!("filter.{driver}.process"))?,
            merge: text(format!("merge.{driver}.driver"))?,
            // A value that is no truth is git's to complain about.
            keeps_plaintext: config.get_bool(&keeps_plaintext).unwrap_or(false),
        })
    }

    /// True where Git records how conflicts were resolved, in files of its own (rerere).
    pub fn records_resolutions(&self) -> Result<bool, RepositoryError> {
        let reading = || RepositoryError::git("reading the git configuration");
        let config = self.git.config().map_err(reading())?;
        match config.get_bool("rerere.enabled") {
            Ok(enabled) => Ok(enabled),
            Err(error) if error.code() == git2::ErrorCode::NotFound => {
                Ok(self.common_dir().join("rr-cache").is_dir())
            }
            Err(error) => Err(reading()(error)),
        }
    }

    /// Configures filter, diff and merge driver of `keys`, all in one step.
    pub fn configure_drivers(
        &self,
        keys: &[&KeyName],
        program: &FilterProgram,
    ) -> Result<(), RepositoryError> {
        self.edit_config(|edit| {
            for key in keys {
                let driver = key.driver();
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
                edit.set(&format!("filter.{driver}.required"), "true")?;
                edit.set(
                    &format!("diff.{driver}.textconv"),
                    &program.command("diff", key),
                )?;
                edit.set(
                    &format!("merge.{driver}.name"),
                    "three-way merge of encrypted files",
                )?;
                edit.set(
                    &format!("merge.{driver}.driver"),
                    &program.merge_command(key),
                )?;
            }
            Ok(())
        })
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

    /// Lets `edit` change a copy of the configuration that Git's own lock file holds, then renames it into place.
    fn edit_config(
        &self,
        edit: impl FnOnce(&ConfigEdit<'_>) -> Result<(), RepositoryError>,
    ) -> Result<(), RepositoryError> {
        let config = self.common_dir().join("config");
        let config =
            fs::canonicalize(&config).map_err(RepositoryError::file("reading", &config))?;
        let lock = config.with_file_name("config.lock");
        let copy = LockedCopy::take(&config, lock)?;
        edit(&ConfigEdit {
            repository: self,
            file: &copy.path,
        })?;
        copy.rename_to(&config)
    }
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
        let mut command = self.repository.git_command("config");
        command.arg("--file").arg(self.file).args(arguments);
        Repository::run_git("config", &mut command).map(drop)
    }
}

/// A copy of a file under the name of its lock; removed where it is not renamed into place.
struct LockedCopy {
    path: PathBuf,
    renamed: bool,
}

impl LockedCopy {
    fn take(original: &Path, lock: PathBuf) -> Result<Self, RepositoryError> {
        let content = fs::read(original).map_err(RepositoryError::file("reading", original))?;
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&lock) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(RepositoryError::ConfigLocked { path: lock });
            }
            Err(error) => return Err(RepositoryError::file("locking", &lock)(error)),
        };
        let copy = Self {
            path: lock,
            renamed: false,
        };
        let permissions = fs::metadata(original).map(|metadata| metadata.permissions());
        file.write_all(&content)
            .and_then(|()| file.set_permissions(permissions?))
            .map_err(RepositoryError::file("writing", &copy.path))?;
        Ok(copy)
    }

    fn rename_to(mut self, original: &Path) -> Result<(), RepositoryError> {
        fs::rename(&self.path, original).map_err(RepositoryError::file("writing", original))?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for LockedCopy {
    fn drop(&mut self) {
        // Renamed away, the name may be the lock of another program by now.
        if !self.renamed {
            // What can't be removed will be reported by the next program that wants the lock.
            let _ = fs::remove_file(&self.path);
        }
    }
}
