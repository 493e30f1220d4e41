//! A key file: a name, then the versions of a key.

use thiserror::Error;

use super::key::{AES_KEY_LEN, FileKey, HMAC_KEY_LEN, KeyName, KeyNameError, LONGEST_NAME};
use crate::secret::SecretBytes;

/// What every key file begins with.
const MAGIC: &[u8; 12] = b"\0GITCRYPTKEY";
/// The format that is read and written.
const FORMAT_VERSION: u32 = 2;
/// An unknown field longer than this can't be honest.
const LONGEST_UNKNOWN_FIELD: u32 = 1 << 20;

const FIELD_END: u32 = 0;
const HEADER_FIELD_NAME: u32 = 1;
const ENTRY_FIELD_VERSION: u32 = 1;
const ENTRY_FIELD_AES_KEY: u32 = 3;
const ENTRY_FIELD_HMAC_KEY: u32 = 5;

/// A named key in all its versions, newest first; there is at least one.
#[derive(Debug)]
pub struct KeyFile {
    name: KeyName,
    versions: Vec<FileKey>,
    /// What the key was before it was rotated: opens files of that time, and is never written with the others.
    retired: Vec<FileKey>,
}

/// Why a key file is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyFileError {
    /// It does not begin as key files do.
    #[error("not a git-crypt key file")]
    NotAKeyFile,
    /// A key in today's format, where one in the legacy format was to be read.
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
    /// The file ends where more is due.
    #[error("the key file is cut off: it ends within {within}")]
    Truncated {
        /// What was being read.
        within: &'static str,
    },
    /// A field of another length than it has.
    #[error("malformed key file: {field} has {length} bytes")]
    WrongLength {
        /// The field.
        field: &'static str,
        /// Its length as the file says.
        length: u32,
    },
    /// A field that stands twice.
    #[error("malformed key file: {field} stands twice")]
    Repeated {
        /// The field.
        field: &'static str,
    },
    /// A field that is not there.
    #[error("malformed key file: {field} is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// Two entries with the same version.
    #[error("malformed key file: version {version} stands twice")]
    RepeatedVersion {
        /// The version.
        version: u32,
    },
    /// A header without any entry.
    #[error("malformed key file: it holds no key")]
    NoKey,
    /// A name that can't be one.
    #[error("malformed key file: {0}")]
    BadName(#[from] KeyNameError),
}

impl KeyFile {
    /// A key with its only version.
    pub fn of_one(name: KeyName, key: FileKey) -> Self {
        Self {
            name,
            versions: vec![key],
            retired: Vec::new(),
        }
    }

    /// A key with several versions, no two of them the same.
    pub fn new(name: KeyName, mut versions: Vec<FileKey>) -> Result<Self, KeyFileError> {
        versions.sort_by_key(|key| std::cmp::Reverse(key.version()));
        if let Some(pair) = versions
            .windows(2)
            .find(|pair| pair[0].version() == pair[1].version())
        {
            return Err(KeyFileError::RepeatedVersion {
                version: pair[0].version(),
            });
        }
        if versions.is_empty() {
            return Err(KeyFileError::NoKey);
        }
        Ok(Self {
            name,
            versions,
            retired: Vec::new(),
        })
    }

    /// Reads a key file, strictly.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyFileError> {
        let Some(fields) = bytes.strip_prefix(MAGIC) else {
            return Err(match bytes.len() {
                FileKey::MATERIAL_LEN => KeyFileError::Legacy,
                _ => KeyFileError::NotAKeyFile,
            });
        };
        let mut fields = Fields { rest: fields };
        match fields.number("the format version")? {
            FORMAT_VERSION => {}
            version => return Err(KeyFileError::FutureFormat { version }),
        }
        let name = fields.header()?;
        let mut versions = Vec::new();
        while !fields.rest.is_empty() {
            versions.push(fields.entry()?);
        }
        Self::new(name, versions)
    }

    /// Reads a key of git-crypt 0.3 and older: exactly 96 bytes, AES key and HMAC key.
    pub fn parse_legacy(bytes: &[u8]) -> Result<Self, KeyFileError> {
        let material: &[u8; FileKey::MATERIAL_LEN] =
            bytes
                .try_into()
                .map_err(|_| match bytes.starts_with(MAGIC) {
                    true => KeyFileError::NotLegacy,
                    false => KeyFileError::NotAKeyFile,
                })?;
        Ok(Self::of_one(KeyName::default(), FileKey::from(material)))
    }

    /// The key file's bytes, versions from newest to oldest.
    pub fn to_bytes(&self) -> SecretBytes {
        self.with_versions(&self.versions)
    }

    /// The bytes of a key file with each version alone, as they are wrapped for collaborators, newest first.
    pub fn versions_to_bytes(&self) -> impl Iterator<Item = (u32, SecretBytes)> {
        self.versions.iter().map(|key| {
            let alone = self.with_versions(std::slice::from_ref(key));
            (key.version(), alone)
        })
    }

    fn with_versions(&self, versions: &[FileKey]) -> SecretBytes {
        let entry_len = 3 * 8 + 4 + FileKey::MATERIAL_LEN + 4;
        let mut bytes =
            Vec::with_capacity(MAGIC.len() + 8 + 8 + LONGEST_NAME + entry_len * versions.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
        if let Some(name) = self.name.name() {
            put_field(&mut bytes, HEADER_FIELD_NAME, name.as_bytes());
        }
        bytes.extend_from_slice(&FIELD_END.to_be_bytes());
        for key in versions {
            put_field(
                &mut bytes,
                ENTRY_FIELD_VERSION,
                &key.version().to_be_bytes(),
            );
            put_field(&mut bytes, ENTRY_FIELD_AES_KEY, key.expose_aes());
            put_field(&mut bytes, ENTRY_FIELD_HMAC_KEY, key.expose_hmac());
            bytes.extend_from_slice(&FIELD_END.to_be_bytes());
        }
        SecretBytes::from_vec(bytes)
    }

    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The version that encrypts.
    pub fn newest(&self) -> &FileKey {
        self.versions
            .first()
            .expect("a key file holds at least one key")
    }

    /// Takes the versions out, to put them together with others.
    pub fn into_versions(self) -> Vec<FileKey> {
        self.versions
    }

    /// All versions, for decrypting; the retired ones last.
    pub fn newest_first(&self) -> impl Iterator<Item = &FileKey> {
        self.versions.iter().chain(&self.retired)
    }

    /// True where it opens files that it would encrypt otherwise.
    pub fn has_retired(&self) -> bool {
        !self.retired.is_empty()
    }

    /// Lets it also open what `before` opens; what it encrypts with and is written as stays the same.
    #[must_use]
    pub fn succeeding(mut self, before: Self) -> Self {
        self.retired.extend(before.versions);
        self.retired.extend(before.retired);
        self
    }
}

fn put_field(bytes: &mut Vec<u8>, id: u32, content: &[u8]) {
    let length = u32::try_from(content.len()).expect("fields are short");
    bytes.extend_from_slice(&id.to_be_bytes());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(content);
}

/// What is left to read.
struct Fields<'file> {
    rest: &'file [u8],
}

impl<'file> Fields<'file> {
    /// The fields up to the header's end: the key's name, if it has one.
    fn header(&mut self) -> Result<KeyName, KeyFileError> {
        let mut name = None;
        loop {
            match self.number("the header")? {
                FIELD_END => return Ok(name.unwrap_or_default()),
                HEADER_FIELD_NAME => {
                    let length = self.number("the key name")?;
                    if length as usize > LONGEST_NAME {
                        return Err(KeyFileError::WrongLength {
                            field: "the key name",
                            length,
                        });
                    }
                    let text = std::str::from_utf8(self.take(length as usize, "the key name")?)
                        .map_err(|_| KeyNameError::BadCharacters)?;
                    if name.replace(KeyName::named(text)?).is_some() {
                        return Err(KeyFileError::Repeated {
                            field: "the key name",
                        });
                    }
                }
                id => self.skip_unknown("header", id)?,
            }
        }
    }

    /// The fields up to an entry's end: one version of the key.
    fn entry(&mut self) -> Result<FileKey, KeyFileError> {
        let mut version: Option<&[u8; 4]> = None;
        let mut aes: Option<&[u8; AES_KEY_LEN]> = None;
        let mut hmac: Option<&[u8; HMAC_KEY_LEN]> = None;
        loop {
            match self.number("an entry")? {
                FIELD_END => break,
                ENTRY_FIELD_VERSION => self.fixed("the version", &mut version)?,
                ENTRY_FIELD_AES_KEY => self.fixed("the AES key", &mut aes)?,
                ENTRY_FIELD_HMAC_KEY => self.fixed("the HMAC key", &mut hmac)?,
                id => self.skip_unknown("entry", id)?,
            }
        }
        let missing = |field| KeyFileError::Missing { field };
        let version = u32::from_be_bytes(*version.ok_or(missing("the version"))?);
        let aes = aes.ok_or(missing("the AES key"))?;
        let hmac = hmac.ok_or(missing("the HMAC key"))?;
        Ok(FileKey::build(version, |material| {
            material[..AES_KEY_LEN].copy_from_slice(aes);
            material[AES_KEY_LEN..].copy_from_slice(hmac);
        }))
    }

    fn number(&mut self, within: &'static str) -> Result<u32, KeyFileError> {
        let bytes = self.take(4, within)?;
        Ok(u32::from_be_bytes(
            bytes.try_into().expect("four bytes were taken"),
        ))
    }

    fn take(&mut self, length: usize, within: &'static str) -> Result<&'file [u8], KeyFileError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(KeyFileError::Truncated { within })?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const LEN: usize>(
        &mut self,
        field: &'static str,
        place: &mut Option<&'file [u8; LEN]>,
    ) -> Result<(), KeyFileError> {
        let length = self.number(field)?;
        if length as usize != LEN {
            return Err(KeyFileError::WrongLength { field, length });
        }
        let content = self
            .take(LEN, field)?
            .try_into()
            .expect("LEN bytes were taken");
        match place.replace(content) {
            Some(_) => Err(KeyFileError::Repeated { field }),
            None => Ok(()),
        }
    }

    /// Fields with an odd id must be understood; those with an even id may be skipped.
    fn skip_unknown(&mut self, part: &'static str, id: u32) -> Result<(), KeyFileError> {
        if id % 2 == 1 {
            return Err(KeyFileError::UnknownCriticalField { part, id });
        }
        let length = self.number("an unknown field")?;
        if length > LONGEST_UNKNOWN_FIELD {
            return Err(KeyFileError::WrongLength {
                field: "an unknown field",
                length,
            });
        }
        self.take(length as usize, "an unknown field").map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(
            name in prop::option::of("[A-Za-z0-9_-]{1,128}"),
            seeds in prop::collection::btree_map(any::<u32>(), any::<u8>(), 1..4),
        ) {
            let name = name.map_or(Ok(KeyName::default()), |name| KeyName::named(&name));
            prop_assume!(name.is_ok());
            let name = name.expect("assumed");
            let versions = seeds.iter().map(|(&version, &seed)| FileKey::build(version, |place| place.fill(seed)));
            let mut written = KeyFile::new(name.clone(), versions.collect()).expect("versions differ").to_bytes();
            let read = KeyFile::parse(written.expose()).expect("just written");
            prop_assert_eq!(read.name(), &name);
            prop_assert_eq!(read.newest().version(), *seeds.keys().next_back().expect("not empty"));
            let mut again = read.to_bytes();
            prop_assert_eq!(again.expose(), written.expose());
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes: Vec<u8>, whole: bool) {
            if whole {
                bytes.splice(0..0, *b"\0GITCRYPTKEY\0\0\0\x02");
            }
            let _ = KeyFile::parse(&bytes);
        }
    }
}
