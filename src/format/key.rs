//! The keys of one version, and the names of keys.

use std::fmt;

use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Length of an AES-256 key in bytes.
pub(super) const AES_KEY_LEN: usize = 32;
/// Length of an HMAC-SHA1 key in bytes: one block of SHA-1.
pub(super) const HMAC_KEY_LEN: usize = 64;
/// Maximum length of a key name in bytes.
pub(super) const LONGEST_NAME: usize = 128;

/// The AES key and the HMAC key that encrypt and authenticate files, and their version number in the key file.
///
/// They live on the heap in one place, are wiped on drop, and can't be cloned or printed.
#[derive(ZeroizeOnDrop)]
pub struct FileKey {
    #[zeroize(skip)]
    version: u32,
    material: Box<[u8; Self::MATERIAL_LEN]>,
}

/// The name of a key. The default key has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct KeyName(Option<String>);

/// A key name that git-crypt would refuse.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyNameError {
    /// No characters at all.
    #[error("a key name can't be empty")]
    Empty,
    /// More than 128 characters.
    #[error("key name is too long: {length} characters, at most {LONGEST_NAME}")]
    TooLong { length: usize },
    /// Characters outside `[A-Za-z0-9_-]`.
    #[error("key names may contain only A-Z, a-z, 0-9, '-' and '_'")]
    BadCharacters,
    /// `default`, which stands for the key without a name.
    #[error("`default` is not a legal key name: it is what the key without a name is called")]
    Reserved,
}

impl FileKey {
    /// AES key and HMAC key together, in bytes.
    pub const MATERIAL_LEN: usize = AES_KEY_LEN + HMAC_KEY_LEN;

    /// A key of `version` whose material `write` puts in place: first the AES key, then the HMAC key.
    pub fn build(version: u32, write: impl FnOnce(&mut [u8; Self::MATERIAL_LEN])) -> Self {
        let mut material = Box::new([0; Self::MATERIAL_LEN]);
        write(&mut material);
        Self { version, material }
    }

    /// The version number in the key file; new keys have version 0.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// AES key, then HMAC key.
    pub(super) fn expose_material(&self) -> &[u8; Self::MATERIAL_LEN] {
        &self.material
    }

    pub(super) fn expose_aes(&self) -> &[u8; AES_KEY_LEN] {
        self.material
            .first_chunk()
            .expect("the material begins with the AES key")
    }

    pub(super) fn expose_hmac(&self) -> &[u8; HMAC_KEY_LEN] {
        self.material
            .last_chunk()
            .expect("the material ends with the HMAC key")
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FileKey(version {})", self.version)
    }
}

impl KeyName {
    /// The name of a key that is not the default one.
    pub fn named(name: &str) -> Result<Self, KeyNameError> {
        if name.is_empty() {
            return Err(KeyNameError::Empty);
        }
        if name.len() > LONGEST_NAME {
            return Err(KeyNameError::TooLong { length: name.len() });
        }
        if !name
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || b"_-".contains(&letter))
        {
            return Err(KeyNameError::BadCharacters);
        }
        if name == "default" {
            return Err(KeyNameError::Reserved);
        }
        Ok(Self(Some(name.to_owned())))
    }

    /// The name; `None` for the default key.
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The name of the key's file in the key store: its own name, or `default`.
    pub fn file_name(&self) -> &str {
        self.0.as_deref().unwrap_or("default")
    }

    /// The value of the attributes `filter` and `diff` that chooses this key: `git-crypt` or `git-crypt-NAME`.
    pub fn driver(&self) -> String {
        match &self.0 {
            None => "git-crypt".to_owned(),
            Some(name) => format!("git-crypt-{name}"),
        }
    }

    /// The key that an attribute value chooses; `None` if it is not one of git-crypt's values.
    pub fn of_driver(value: &str) -> Option<Self> {
        match value.strip_prefix("git-crypt")? {
            "" => Some(Self::default()),
            suffix => Self::named(suffix.strip_prefix('-')?).ok(),
        }
    }

    /// The key whose file in the key store has this name.
    pub fn of_file_name(file_name: &str) -> Option<Self> {
        match file_name {
            "default" => Some(Self::default()),
            name => Self::named(name).ok(),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.file_name())
    }
}

impl From<&[u8; FileKey::MATERIAL_LEN]> for FileKey {
    /// Version 0 of a key without a header, as git-crypt before 0.4 wrote it. The caller wipes `material`.
    fn from(material: &[u8; Self::MATERIAL_LEN]) -> Self {
        Self::build(0, |place| place.copy_from_slice(material))
    }
}

impl Zeroize for FileKey {
    fn zeroize(&mut self) {
        self.material.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_version_only() {
        let key = FileKey::build(7, |material| material.fill(0x41));
        assert_eq!(format!("{key:?}"), "FileKey(version 7)");
    }

    #[test]
    fn names_and_drivers_lead_to_each_other() {
        for (name, driver) in [
            (KeyName::default(), "git-crypt"),
            (KeyName(Some("ops-2_B".into())), "git-crypt-ops-2_B"),
        ] {
            assert_eq!(name.driver(), driver);
            assert_eq!(KeyName::of_driver(driver), Some(name.clone()));
            assert_eq!(KeyName::of_file_name(name.file_name()), Some(name));
        }
        for other in [
            "lfs",
            "git-cryptic",
            "git-crypt-",
            "git-crypt-default",
            "git-crypt-a b",
        ] {
            assert_eq!(KeyName::of_driver(other), None, "{other}");
        }
    }

    #[test]
    fn names_that_git_crypt_refuses_are_refused() {
        assert_eq!(KeyName::named(""), Err(KeyNameError::Empty));
        assert_eq!(KeyName::named("default"), Err(KeyNameError::Reserved));
        assert_eq!(KeyName::named("b@d"), Err(KeyNameError::BadCharacters));
        assert_eq!(
            KeyName::named(&"a".repeat(129)),
            Err(KeyNameError::TooLong { length: 129 })
        );
        assert!(KeyName::named(&"a".repeat(128)).is_ok());
    }
}
