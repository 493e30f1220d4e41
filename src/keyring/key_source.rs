//! Key files that a user names: read from a file or standard input, written to a file or standard output.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::KeyError;
use crate::format::{KeyFile, KeyFileError};
use crate::repository::write_secret_file;
use crate::secret::{SecretBytes, forbid_core_dumps};

/// No key file is longer; a device or a wrong file is refused before it fills the memory.
const LONGEST_KEY_FILE: u64 = 16 << 20;

/// A place for a key file: a path, or `-` for the standard streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Standard input or output.
    Standard,
    /// A file.
    File(PathBuf),
}

impl KeySource {
    /// Reads an argument as git-crypt does.
    pub fn of_argument(argument: &Path) -> Self {
        match argument.as_os_str() == "-" {
            true => Self::Standard,
            false => Self::File(argument.to_owned()),
        }
    }

    /// How messages call the place a key is read from.
    pub fn input_name(&self) -> String {
        match self {
            Self::Standard => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// Reads a key file.
pub fn read_key(from: &KeySource) -> Result<KeyFile, KeyError> {
    parse_with(from, KeyFile::parse)
}

/// Reads a key file as git-crypt wrote them before 0.4.
pub fn read_legacy_key(from: &KeySource) -> Result<KeyFile, KeyError> {
    parse_with(from, KeyFile::parse_legacy)
}

/// Writes a key file: mode 0600, whole or not at all. With `replace`, an existing file gives way.
pub fn export_key(key: &KeyFile, to: &KeySource, replace: bool) -> Result<(), KeyError> {
    let path = match to {
        KeySource::Standard => return write_to(&mut io::stdout(), key),
        KeySource::File(path) => path,
    };
    let target = path.display().to_string();
    if path.symlink_metadata().is_ok() && !replace {
        return Err(KeyError::Exists { target });
    }
    // A device or a named pipe is written to, not replaced by a file.
    if path
        .metadata()
        .is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
    {
        let opened = File::options().write(true).open(path);
        return write_to(
            &mut opened.map_err(|source| KeyError::Write { target, source })?,
            key,
        );
    }
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    write_secret_file(path, directory, &key.to_bytes())
        .map_err(|source| KeyError::Write { target, source })
}

fn parse_with(
    from: &KeySource,
    parse: impl FnOnce(&[u8]) -> Result<KeyFile, KeyFileError>,
) -> Result<KeyFile, KeyError> {
    forbid_core_dumps();
    let source_name = from.input_name();
    let read = match from {
        KeySource::Standard => SecretBytes::read_from(&mut io::stdin().take(LONGEST_KEY_FILE)),
        KeySource::File(path) => File::open(path)
            .and_then(|file| SecretBytes::read_from(&mut file.take(LONGEST_KEY_FILE))),
    };
    let mut bytes = read.map_err(|source| KeyError::Read {
        source_name: source_name.clone(),
        source,
    })?;
    parse(bytes.expose()).map_err(|source| KeyError::Malformed {
        source_name,
        source,
    })
}

fn write_to(output: &mut impl Write, key: &KeyFile) -> Result<(), KeyError> {
    let mut bytes = key.to_bytes();
    output
        .write_all(bytes.expose())
        .and_then(|()| output.flush())
        .map_err(|source| KeyError::Write {
            target: "standard output".to_owned(),
            source,
        })
}
