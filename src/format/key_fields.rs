//! The fields of a key file. Each has an id, a length, and as many bytes. The id zero ends the header, and each entry.

use super::key::{AES_KEY_LEN, FileKey, HMAC_KEY_LEN, KeyName, KeyNameError, LONGEST_NAME};
use super::key_file_error::KeyFileError;

/// Maximum length in bytes of an unknown field that is skipped.
const LONGEST_UNKNOWN_FIELD: u32 = 1 << 20;

const FIELD_END: u32 = 0;
const HEADER_FIELD_NAME: u32 = 1;
const ENTRY_FIELD_VERSION: u32 = 1;
const ENTRY_FIELD_AES_KEY: u32 = 3;
const ENTRY_FIELD_HMAC_KEY: u32 = 5;

/// Length in bytes of a field's id and length, which precede its content.
const FIELD_HEAD_LEN: usize = 4 + 4;
/// Maximum length of a header in bytes, including its end.
pub(super) const LONGEST_KEY_HEADER: usize = FIELD_HEAD_LEN + LONGEST_NAME + 4;
/// Length of an entry in bytes, including its end.
pub(super) const KEY_ENTRY_LEN: usize = 3 * FIELD_HEAD_LEN + 4 + FileKey::MATERIAL_LEN + 4;

pub(super) fn put_header(bytes: &mut Vec<u8>, name: &KeyName) {
    if let Some(name) = name.name() {
        put_field(bytes, HEADER_FIELD_NAME, name.as_bytes());
    }
    bytes.extend_from_slice(&FIELD_END.to_be_bytes());
}

pub(super) fn put_entry(bytes: &mut Vec<u8>, key: &FileKey) {
    put_field(bytes, ENTRY_FIELD_VERSION, &key.version().to_be_bytes());
    put_field(bytes, ENTRY_FIELD_AES_KEY, key.expose_aes());
    put_field(bytes, ENTRY_FIELD_HMAC_KEY, key.expose_hmac());
    bytes.extend_from_slice(&FIELD_END.to_be_bytes());
}

fn put_field(bytes: &mut Vec<u8>, id: u32, content: &[u8]) {
    let length = u32::try_from(content.len()).expect("fields are short");
    bytes.extend_from_slice(&id.to_be_bytes());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(content);
}

/// The part of a key file that has not been read yet.
pub(super) struct KeyFields<'file> {
    rest: &'file [u8],
}

impl<'file> KeyFields<'file> {
    pub(super) fn of(rest: &'file [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads the fields up to the end of the header: the key's name, if it has one.
    pub(super) fn header(&mut self) -> Result<KeyName, KeyFileError> {
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

    /// Reads the fields up to the end of an entry: one version of the key.
    pub(super) fn entry(&mut self) -> Result<FileKey, KeyFileError> {
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

    pub(super) fn number(&mut self, within: &'static str) -> Result<u32, KeyFileError> {
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

    /// Skips an unknown field. Only fields with an even id may be skipped; those with an odd id must be understood.
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
