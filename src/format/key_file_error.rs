//! Why a key file is refused.

use thiserror::Error;

use super::key::KeyNameError;

/// The version of the format that is read and written.
pub(super) const FORMAT_VERSION: u32 = 2;

/// Why a key file is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyFileError {
    /// The magic number of key files is missing.
    #[error("not a git-crypt key file")]
    NotAKeyFile,
    /// A key in today's format, where one in the legacy format was expected.
    #[error("a key in today's format already, and not in the legacy one")]
    NotLegacy,
    /// 96 bytes without a header, as before git-crypt 0.4.
    #[error("a key in the legacy format of git-crypt 0.3 and older")]
    Legacy,
    /// Another format than 2.
    #[error(
        "made by a newer version of git-crypt: key format {version}, only {FORMAT_VERSION} is known"
    )]
    FutureFormat {
        /// The format it says it has.
        version: u32,
    },
    /// An unknown field that must not be skipped.
    #[error("made by a newer version of git-crypt: unknown critical {part} field {id}")]
    UnknownCriticalField {
        /// `header` or `entry`.
        part: &'static str,
        /// The field's id, an odd number.
        id: u32,
    },
    /// The file ends too early.
    #[error("the key file is cut off: it ends within {within}")]
    Truncated {
        /// The part that was being read.
        within: &'static str,
    },
    /// A field whose length is not the one it must have, or is beyond the limit.
    #[error("malformed key file: {field} has {length} bytes")]
    WrongLength {
        field: &'static str,
        /// Its length as the file says.
        length: u32,
    },
    /// A field that occurs twice.
    #[error("malformed key file: {field} stands twice")]
    Repeated { field: &'static str },
    /// A field that is missing.
    #[error("malformed key file: {field} is missing")]
    Missing { field: &'static str },
    /// Two entries with the same version.
    #[error("malformed key file: version {version} stands twice")]
    RepeatedVersion { version: u32 },
    /// A header without any entry.
    #[error("malformed key file: it holds no key")]
    NoKey,
    /// A name that git-crypt would refuse.
    #[error("malformed key file: {0}")]
    BadName(#[from] KeyNameError),
}

impl KeyFileError {
    /// True if the file may be a good key written by a newer version of git-crypt, in a format that this program can't read.
    pub(crate) fn is_of_newer_version(&self) -> bool {
        matches!(
            self,
            Self::FutureFormat { .. } | Self::UnknownCriticalField { .. }
        )
    }
}
