//! Changing the repository's configuration file in one step, under Git's own lock.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::configuration::Configuration;
use super::program::{GitCommand, run_to_end};
use crate::repository::error::RepositoryError;
use crate::repository::files::private_files::remove_leftovers;

/// Beginning of the names of copies of the configuration.
const COPY_PREFIX: &str = "config.hs-secrets-";

impl Configuration<'_> {
    /// Lets `edit` change a copy of the configuration, then replaces the configuration by the copy under Git's own
    /// lock. The lock is held only for a moment, because a process that is killed meanwhile leaves the lock file
    /// behind.
    pub(super) fn edit(
        self,
        edit: impl Fn(&ConfigEdit<'_>) -> Result<(), RepositoryError>,
    ) -> Result<(), RepositoryError> {
        let config = self.git.commondir().join("config");
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
                program: self.program,
                file: &copy,
            })?;
            let after = fs::read(&copy).map_err(RepositoryError::file("reading", &copy))?;
            let lock = ConfigLock::take(config.with_file_name("config.lock"))?;
            if fs::read(&config).map_err(reading())? == before {
                return lock.replace(&config, &after);
            }
            // Another process has changed the configuration meanwhile: edit a copy of the new one.
        }
    }
}

/// A copy that is removed when it is dropped.
fn copy_in(directory: &Path, content: &[u8]) -> io::Result<tempfile::TempPath> {
    let mut copy = tempfile::Builder::new()
        .prefix(COPY_PREFIX)
        .tempfile_in(directory)?;
    copy.write_all(content)?;
    Ok(copy.into_temp_path())
}

/// A copy of the configuration file that is being edited.
pub(super) struct ConfigEdit<'edit> {
    program: GitCommand<'edit>,
    file: &'edit Path,
}

impl ConfigEdit<'_> {
    /// Gives a setting this single value. This uses libgit2, because starting `git` for each setting would take longer
    /// than everything else in `unlock`.
    pub(super) fn set(&self, name: &str, value: &str) -> Result<(), RepositoryError> {
        // libgit2 writes the value without escaping it.
        let escaped = value.replace('\\', r"\\").replace('"', r#"\""#);
        git2::Config::open(self.file)
            .and_then(|mut file| {
                // `set_multivar` replaces each of several values; it does not reduce them to one.
                match file.remove_multivar(name, ".*") {
                    Err(error) if error.code() != git2::ErrorCode::NotFound => Err(error),
                    _ => file.set_multivar(name, ".*", &escaped),
                }
            })
            .map_err(RepositoryError::git(format!("setting {name}")))
    }

    /// Removes a section, however its headings are written.
    pub(super) fn remove_section(&self, section: &str) -> Result<(), RepositoryError> {
        let text = fs::read(self.file).map_err(RepositoryError::file("reading", self.file))?;
        let (name, subsection) = section.split_once('.').unwrap_or((section, ""));
        let heading = format!("[{name} \"{subsection}\"]");
        if String::from_utf8_lossy(&text).contains(&heading) {
            self.run_git("--remove-section", section)?;
        }
        // Git reads `[Filter "x"]` as `[filter "x"]`, but `--remove-section` distinguishes them.
        for setting in self.settings_in(section)? {
            self.run_git("--unset-all", &setting)?;
        }
        Ok(())
    }

    /// The settings in a section of this file, without those of included files.
    fn settings_in(&self, section: &str) -> Result<BTreeSet<String>, RepositoryError> {
        let reading = || RepositoryError::git(format!("reading the section {section}"));
        let mut settings = BTreeSet::new();
        let file = git2::Config::open(self.file).map_err(reading())?;
        let mut entries = file.entries(None).map_err(reading())?;
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(reading())?;
            let name = String::from_utf8_lossy(entry.name_bytes());
            let is_in_section = name.rsplit_once('.').is_some_and(|(of, _)| of == section);
            if is_in_section && entry.include_depth() == 0 {
                settings.insert(name.into_owned());
            }
        }
        Ok(settings)
    }

    /// Runs `git config` on this file.
    fn run_git(&self, option: &str, name: &str) -> Result<(), RepositoryError> {
        let mut command = self.program.command("config");
        command.arg("--file").arg(self.file).args([option, name]);
        run_to_end("config", &mut command).map(drop)
    }
}

/// Git's lock of the configuration. Dropping it releases the lock without changing the configuration.
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

    /// Writes `content` into the lock file, then renames it to the configuration file.
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
        // After the rename, a file of this name is another process's lock.
        if !self.renamed {
            // If removing fails, the next program that wants the lock reports it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
