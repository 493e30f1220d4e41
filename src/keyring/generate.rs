//! New keys, made of random numbers of the operating system.

use crate::format::{FileKey, KeyFile, KeyName};
use crate::keyring::KeyError;
use crate::secret::forbid_core_dumps;

/// Makes a new key of version 0.
pub(crate) fn generate(name: KeyName) -> Result<KeyFile, KeyError> {
    forbid_core_dumps();
    let mut filled = Ok(());
    let key = FileKey::build(0, |material| filled = getrandom::fill(material));
    filled.map_err(KeyError::NoRandomness)?;
    Ok(KeyFile::of_one(name, key))
}
