//! The git-crypt format: keys, key files and encrypted blobs. Bytes in, bytes out.
//!
//! An encrypted blob is a magic number, a nonce and the plaintext under AES-256-CTR; the nonce is the beginning of the
//! plaintext's HMAC-SHA1, so equal files give equal blobs, and a changed blob is noticed. Nothing here knows of Git,
//! files, clocks or random numbers.

mod base64;
mod blob;
mod cipher;
#[cfg(test)]
pub(crate) mod examples;
mod identity;
mod key;
mod key_fields;
mod key_file;
mod key_file_error;

pub(crate) use base64::is_base64;
pub(crate) use blob::{BlobDecryption, BlobEncryption, BlobError, BlobProof, MAXIMUM_PLAINTEXT};
pub use blob::{Header, decrypt, encrypt, is_authentic};
pub(crate) use cipher::KeyStream;
pub(crate) use identity::{Identity, KeyId, PublicIdentity, Signature, history_key};
pub(crate) use key::KeyNameError;
pub use key::{FileKey, KeyName};
pub use key_file::KeyFile;
pub(crate) use key_file_error::KeyFileError;
