//! Keys for the tests of this room and of those below it.

use super::{FileKey, KeyFile, KeyId, KeyName};

/// A key file with one key. All bytes of the key are `seed`.
pub(crate) fn key(name: &str, seed: u8) -> KeyFile {
    let name = KeyName::of_file_name(name).expect("a key name");
    KeyFile::of_one(name, FileKey::build(0, |material| material.fill(seed)))
}

/// The id of the key of this seed that is called `default`.
pub(crate) fn id(seed: u8) -> KeyId {
    KeyId::of(&key("default", seed))
}
