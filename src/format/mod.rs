//! The git-crypt format: keys, key files and encrypted blobs. Bytes in, bytes out.
//!
//! An encrypted blob is a magic number, a nonce and the plaintext under AES-256-CTR; the nonce is the beginning of the
//! plaintext's HMAC-SHA1, so equal files give equal blobs, and a changed blob is noticed. Nothing here knows of Git,
//! files, clocks or random numbers.

mod blob;
mod cipher;
mod key;
mod key_fields;
mod key_file;

pub use blob::{BlobError, Decryption, Encryption, Header, decrypt, encrypt, is_authentic};
pub use cipher::{KeyStream, Nonce};
pub use key::{FileKey, KeyName, KeyNameError};
pub use key_file::{KeyFile, KeyFileError};
