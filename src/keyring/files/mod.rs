//! The files in a repository that keys encrypt: which they are, whether they are modified, and with which key they are
//! encrypted.

mod modified;
mod of_keys;
mod outdated;
mod plain;

pub(crate) use modified::{ModifiedFiles, part_modified};
pub(crate) use of_keys::{
    all_encrypted_files, encrypted_files, encrypted_files_by_key, files_with_keys, left_out_files,
    opens,
};
pub(crate) use outdated::{EncryptionError, encrypted_again, outdated_files, renew};
pub(crate) use plain::plain_files;
