//! A key file: a name, then the versions of a key.

use subtle::{Choice, ConstantTimeEq};

use super::key::{FileKey, KeyName};
use super::key_fields::{KEY_ENTRY_LEN, KeyFields, LONGEST_KEY_HEADER, put_entry, put_header};
use super::key_file_error::{FORMAT_VERSION, KeyFileError};
use crate::secret::SecretBytes;

/// The beginning of every key file.
const MAGIC: &[u8; 12] = b"\0GITCRYPTKEY";

/// A named key with all its versions, newest first; there is at least one.
#[derive(Debug)]
pub struct KeyFile {
    name: KeyName,
    versions: Vec<FileKey>,
    /// Earlier keys of this name, from before a rotation. They decrypt files of that time, and are never written into
    /// the key file.
    retired: Vec<FileKey>,
}

impl KeyFile {
    /// A key with one version.
    pub fn of_one(name: KeyName, key: FileKey) -> Self {
        Self {
            name,
            versions: vec![key],
            retired: Vec::new(),
        }
    }

    /// A key with several versions, whose version numbers all differ.
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
        let mut fields = KeyFields::of(fields);
        match fields.number("the format version")? {
            FORMAT_VERSION => {}
            version => return Err(KeyFileError::FutureFormat { version }),
        }
        let name = fields.header()?;
        let mut versions = Vec::new();
        while !fields.is_empty() {
            versions.push(fields.entry()?);
        }
        Self::new(name, versions)
    }

    /// Reads a key of git-crypt 0.3 and older: exactly 96 bytes, AES key and HMAC key.
    pub fn parse_legacy(bytes: &[u8]) -> Result<Self, KeyFileError> {
        let material: &[u8; FileKey::MATERIAL_LEN] = bytes.try_into().map_err(|_| {
            if bytes.starts_with(MAGIC) {
                KeyFileError::NotLegacy
            } else {
                KeyFileError::NotAKeyFile
            }
        })?;
        Ok(Self::of_one(KeyName::default(), FileKey::from(material)))
    }

    /// The bytes of the key file, versions from newest to oldest.
    pub fn to_bytes(&self) -> SecretBytes {
        self.with_versions(&self.versions)
    }

    /// For each version, newest first, the bytes of a key file with this version alone: git-crypt wraps each version
    /// for collaborators in a file of its own.
    pub fn versions_to_bytes(&self) -> impl Iterator<Item = (u32, SecretBytes)> {
        self.versions.iter().map(|key| {
            let alone = self.with_versions(std::slice::from_ref(key));
            (key.version(), alone)
        })
    }

    fn with_versions(&self, versions: &[FileKey]) -> SecretBytes {
        let mut bytes = Vec::with_capacity(
            MAGIC.len() + 4 + LONGEST_KEY_HEADER + KEY_ENTRY_LEN * versions.len(),
        );
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_be_bytes());
        put_header(&mut bytes, &self.name);
        for key in versions {
            put_entry(&mut bytes, key);
        }
        SecretBytes::from_vec(bytes)
    }

    /// True if both have the same name and the same versions, compared in constant time. Retired keys are ignored.
    pub fn is_same(&self, other: &Self) -> bool {
        let pairs = self.versions.iter().zip(&other.versions);
        let equal = pairs.fold(Choice::from(1), |equal, (one, other)| {
            equal
                & one.version().ct_eq(&other.version())
                & one.expose_material()[..].ct_eq(&other.expose_material()[..])
        });
        self.name == other.name && self.versions.len() == other.versions.len() && equal.into()
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

    /// Takes the versions out, to combine them with those of another key file.
    pub fn into_versions(self) -> Vec<FileKey> {
        self.versions
    }

    /// All keys that can decrypt: the versions, newest first, then the retired keys.
    pub fn newest_first(&self) -> impl Iterator<Item = &FileKey> {
        self.versions.iter().chain(&self.retired)
    }

    /// Earlier keys of this name, from before a rotation. They encrypt nothing any more.
    pub(crate) fn retired(&self) -> &[FileKey] {
        &self.retired
    }

    /// True if there are retired keys: the key opens files that it would encrypt differently.
    pub fn has_retired(&self) -> bool {
        !self.retired.is_empty()
    }

    /// The key without its retired keys.
    #[must_use]
    pub fn without_retired(mut self) -> Self {
        self.retired.clear();
        self
    }

    /// Splits the key from its retired keys, which become a key file of their own (`None` if there are none).
    pub(crate) fn split_retired(mut self) -> (Self, Option<Self>) {
        let versions = std::mem::take(&mut self.retired);
        let former = (!versions.is_empty()).then(|| Self {
            name: self.name.clone(),
            versions,
            retired: Vec::new(),
        });
        (self, former)
    }

    /// Adds `before` and its retired keys to the retired keys: they can decrypt, too. Encrypting, and the key file
    /// that is written, do not change.
    #[must_use]
    pub fn succeeding(mut self, before: Self) -> Self {
        self.retired.extend(before.versions);
        self.retired.extend(before.retired);
        self
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
        fn a_key_is_the_same_as_what_it_reads_as_and_as_no_other(one: u8, other: u8, version in 0..3u32) {
            let of = |version, seed: u8| KeyFile::of_one(KeyName::default(), FileKey::build(version, |place| place.fill(seed)));
            let key = of(0, one);
            let read = KeyFile::parse(key.to_bytes().expose()).expect("just written");
            prop_assert!(key.is_same(&read.succeeding(of(0, other))));
            prop_assert_eq!(key.is_same(&of(version, other)), one == other && version == 0);
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
