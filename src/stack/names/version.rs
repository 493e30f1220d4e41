//! The version of a file: a prefix of its Git blob id or of its MD5 digest.

use std::fmt;

/// The hexadecimal version in an object's name. By default it is the first 32 digits of the file's blob id in Git (for an
/// encrypted file, the id of the ciphertext), or fewer if the name has no room for as many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(String);

impl Version {
    /// Takes the first `length` digits of `hex`, which must be lower-case hexadecimal and at least that long.
    pub fn from_hex(hex: &str, length: usize) -> Option<Self> {
        let digits = hex.get(..length)?;
        let hexadecimal = |letter: u8| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter);
        (length > 0 && digits.bytes().all(hexadecimal)).then(|| Self(digits.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The bytes of a digest as lower-case hexadecimal digits, as in versions and in the docker client.
pub(crate) fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
