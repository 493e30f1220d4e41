//! Keys that a user names: read from a file, stdin or an environment variable, written to a file or stdout.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::format::{KeyFile, KeyFileError};
use crate::keyring::KeyError;
use crate::keyring::people::key_form::{KeyForm, Opener, pack, unpack};
use crate::keyring::people::looks_like_key;
use crate::repository::write_secret_file;
use crate::secret::{SecretBytes, forbid_core_dumps};

/// Maximum length in bytes of a key file. A device or a wrong file is refused before it fills the memory.
const LONGEST_KEY_FILE: u64 = 16 << 20;

/// Where a key file is read from or written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// stdin or stdout.
    Standard,
    File(PathBuf),
}

impl KeySource {
    /// Reads an argument as git-crypt does: `-` stands for stdin or stdout.
    pub(crate) fn of_argument(argument: &Path) -> Self {
        if argument.as_os_str() == "-" {
            Self::Standard
        } else {
            Self::File(argument.to_owned())
        }
    }

    /// The name of the source in messages.
    pub(crate) fn input_name(&self) -> String {
        match self {
            Self::Standard => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// Reads a key file in any of its forms.
pub(crate) fn read_key(from: &KeySource, opener: &Opener<'_>) -> Result<KeyFile, KeyError> {
    parse_form(from.input_name(), read(from)?, opener)
}

/// Reads a key in any of its forms from the value of an environment variable.
pub(crate) fn read_key_value(
    variable: &str,
    value: Option<SecretBytes>,
    opener: &Opener<'_>,
) -> Result<KeyFile, KeyError> {
    forbid_core_dumps();
    let source_name = format!("the variable {variable}");
    match value {
        None if looks_like_key(variable.as_ref()) => Err(KeyError::KeyItself),
        None => Err(KeyError::NotSet { source_name }),
        Some(value) if value.is_empty() => Err(KeyError::Empty { source_name }),
        Some(value) => parse_form(source_name, value, opener),
    }
}

/// Reads a raw key file, as git-crypt writes it. Filters accept no other form.
pub(crate) fn read_raw_key(path: &Path) -> Result<KeyFile, KeyError> {
    let from = KeySource::File(path.to_owned());
    parse(from.input_name(), read(&from)?, KeyFile::parse)
}

/// Reads a key file of the legacy format, as git-crypt before 0.4 wrote it.
pub(crate) fn read_legacy_key(from: &KeySource) -> Result<KeyFile, KeyError> {
    parse(from.input_name(), read(from)?, KeyFile::parse_legacy)
}

/// Writes a key file with mode 0600, whole or not at all. With `replace`, an existing file is overwritten.
pub(crate) fn export_key(
    key: &KeyFile,
    form: KeyForm,
    to: &KeySource,
    replace: bool,
) -> Result<(), KeyError> {
    let content = |form| pack(key, form).map_err(KeyError::NotPacked);
    let path = match to {
        KeySource::Standard => return write_to(&mut io::stdout(), content(form)?),
        KeySource::File(path) => path,
    };
    let target = path.display().to_string();
    if path.symlink_metadata().is_ok() && !replace {
        return Err(KeyError::Exists { target });
    }
    // Write to a device or a named pipe, rather than replace it by a file.
    if path
        .metadata()
        .is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
    {
        let opened = File::options().write(true).open(path);
        return write_to(
            &mut opened.map_err(|source| KeyError::Write { target, source })?,
            content(form)?,
        );
    }
    // Follow a symbolic link, and replace the file that it leads to.
    let path = &path.canonicalize().unwrap_or_else(|_| path.clone());
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let written = write_secret_file(path, directory, &content(form)?, replace);
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists { target },
        _ => KeyError::Write { target, source },
    })
}

fn read(from: &KeySource) -> Result<SecretBytes, KeyError> {
    forbid_core_dumps();
    let read = match from {
        KeySource::Standard => SecretBytes::read_from(&mut io::stdin().take(LONGEST_KEY_FILE)),
        KeySource::File(path) => File::open(path)
            .and_then(|file| SecretBytes::read_from(&mut file.take(LONGEST_KEY_FILE))),
    };
    read.map_err(|source| match from {
        KeySource::File(path) if looks_like_key(path.as_os_str()) => KeyError::KeyItself,
        _ => KeyError::Read {
            source_name: from.input_name(),
            source,
        },
    })
}

fn parse_form(
    source_name: String,
    bytes: SecretBytes,
    opener: &Opener<'_>,
) -> Result<KeyFile, KeyError> {
    match unpack(bytes, &source_name, opener) {
        Ok(raw) => parse(source_name, raw, KeyFile::parse),
        Err(source) => Err(KeyError::NotUnpacked {
            source_name,
            source,
        }),
    }
}

fn parse(
    source_name: String,
    mut bytes: SecretBytes,
    parse: impl FnOnce(&[u8]) -> Result<KeyFile, KeyFileError>,
) -> Result<KeyFile, KeyError> {
    parse(bytes.expose()).map_err(|source| KeyError::Malformed {
        source_name,
        source,
    })
}

fn write_to(output: &mut impl Write, mut content: SecretBytes) -> Result<(), KeyError> {
    output
        .write_all(content.expose())
        .and_then(|()| output.flush())
        .map_err(|source| KeyError::Write {
            target: "standard output".to_owned(),
            source,
        })
}
