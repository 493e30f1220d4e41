//! The files of the settings: those with settings or secrets are read, the others must be there.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::addresses::WebAddressError;
use super::error::SettingProblem;
use super::reader::SettingsReader;
use crate::secret::{SecretBytes, forbid_core_dumps};
use crate::serve::deliveries::HookSecret;

/// Maximum length of a file with a secret in bytes.
const MAXIMUM_SECRET: u64 = 64 << 10;

/// Maximum length of the settings file in bytes.
const MAXIMUM_SETTINGS: u64 = 1 << 20;

impl SettingsReader<'_> {
    /// The secret that a file holds.
    pub(super) fn secret(&mut self, setting: &str, path: PathBuf) -> Option<HookSecret> {
        let setting = setting.to_owned();
        let path = self.folder.join(path);
        self.refuse_writers(&setting, &path);
        let problem = match read_secret(&path) {
            Ok(content) => match HookSecret::parse(content) {
                Ok(secret) => return Some(secret),
                Err(source) => SettingProblem::Secret {
                    setting,
                    path,
                    source,
                },
            },
            Err(source) => SettingProblem::File {
                setting,
                path,
                source,
            },
        };
        self.problems.push(problem);
        None
    }

    /// Parses a file with a secret. White space around the secret is ignored.
    pub(super) fn parsed_file<Value>(
        &mut self,
        setting: &'static str,
        path: PathBuf,
        parse: impl FnOnce(&str) -> Result<Value, WebAddressError>,
    ) -> Option<Value> {
        let path = self.folder.join(path);
        self.refuse_writers(setting, &path);
        match read_secret(&path) {
            Ok(mut content) => {
                let text = std::str::from_utf8(content.expose().trim_ascii());
                let parsed = text.map_or(Err(WebAddressError::NoToken), parse);
                self.parsed(setting, parsed)
            }
            Err(source) => {
                let setting = setting.to_owned();
                self.problems.push(SettingProblem::File {
                    setting,
                    path,
                    source,
                });
                None
            }
        }
    }

    /// The path of a file or folder that must be there.
    pub(super) fn existing(&mut self, setting: &str, path: PathBuf) -> PathBuf {
        let path = std::path::absolute(self.folder.join(&path)).unwrap_or(path);
        if let Err(source) = fs::metadata(&path).and_then(|_| File::open(&path)) {
            self.problems.push(SettingProblem::File {
                setting: setting.to_owned(),
                path: path.clone(),
                source,
            });
        }
        self.refuse_writers(setting, &path);
        path
    }

    /// Notes a problem if everybody may write to a file.
    fn refuse_writers(&mut self, setting: &str, path: &Path) {
        const WRITABLE_BY_ALL: u32 = 0o002;
        let facts = fs::metadata(path).ok().filter(fs::Metadata::is_file);
        let mode = facts.map_or(0, |facts| facts.permissions().mode());
        if mode & WRITABLE_BY_ALL != 0 {
            self.problems.push(SettingProblem::Writable {
                setting: setting.to_owned(),
                path: path.to_owned(),
            });
        }
    }
}

/// Reads the settings file, which may be a pipe.
pub(super) fn read_settings(path: &Path) -> io::Result<String> {
    let mut content = Vec::new();
    let file = File::open(path)?;
    file.take(MAXIMUM_SETTINGS + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAXIMUM_SETTINGS {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    String::from_utf8(content)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

fn read_secret(path: &Path) -> io::Result<SecretBytes> {
    forbid_core_dumps();
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > MAXIMUM_SECRET {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    SecretBytes::read_expecting(&mut file, length)
}
