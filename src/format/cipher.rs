//! The two primitives of the format, AES-256-CTR and HMAC-SHA1. No other file names the crates they come from.

use std::hint::black_box;

use aes::Aes256;
use ctr::Ctr32BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::key::FileKey;

/// Length of a nonce in bytes.
pub(super) const NONCE_LEN: usize = 12;

/// How many bytes are brought into the processor's cache before they are hashed.
const PAGE_LEN: usize = 4096;
/// Length in bytes of a cache line: the least that a processor reads from memory.
const CACHE_LINE_LEN: usize = 64;

/// The public number that a blob's key stream starts from, and that authenticates its plaintext:
/// the first 12 bytes of HMAC-SHA1(HMAC key, whole plaintext).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nonce([u8; NONCE_LEN]);

/// HMAC-SHA1 (RFC 2104, FIPS 198-1) of a plaintext that comes in pieces.
pub(super) struct PlaintextMac(Hmac<Sha1>);

/// The key stream of AES-256-CTR (FIPS 197, NIST SP 800-38A): AES(AES key, nonce ‖ block number), the block number
/// 32 bits, big-endian, from 0. Applying it encrypts, and applying it again decrypts.
pub(crate) struct KeyStream(Ctr32BE<Aes256>);

impl Nonce {
    /// A nonce as it stands in a blob.
    pub(crate) fn from_bytes(bytes: [u8; NONCE_LEN]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; NONCE_LEN] {
        &self.0
    }
}

impl PlaintextMac {
    pub(super) fn new(key: &FileKey) -> Self {
        Self(Hmac::new_from_slice(key.expose_hmac()).expect("HMAC takes keys of any length"))
    }

    pub(super) fn update(&mut self, plaintext: &[u8]) {
        for page in plaintext.chunks(PAGE_LEN) {
            // If another core has just read the page, hashing would wait for each cache line separately; this took a
            // third of the time. Touching one byte of each line first lets the processor fetch the lines in parallel.
            let lines = page.iter().step_by(CACHE_LINE_LEN);
            black_box(lines.fold(0, |seen, byte| seen ^ byte));
            self.0.update(page);
        }
    }

    /// The nonce of all bytes given to [`Self::update`].
    pub(super) fn nonce(self) -> Nonce {
        let tag = self.0.finalize().into_bytes();
        Nonce(*tag.first_chunk().expect("SHA-1 gives 20 bytes"))
    }

    /// True if `nonce` is that of all bytes given to [`Self::update`]. Compares in constant time.
    pub(super) fn matches(self, nonce: Nonce) -> bool {
        self.0.verify_truncated_left(&nonce.0).is_ok()
    }
}

impl KeyStream {
    pub(super) fn new(key: &FileKey, nonce: Nonce) -> Self {
        let mut counter_block = [0; 16];
        counter_block[..NONCE_LEN].copy_from_slice(&nonce.0);
        Self(Ctr32BE::new(key.expose_aes().into(), &counter_block.into()))
    }

    /// The key stream of a key that encrypts only one text: the nonce is zero.
    pub(crate) fn of_single_use(key: &FileKey) -> Self {
        Self::new(key, Nonce([0; NONCE_LEN]))
    }

    /// Encrypts or decrypts the next bytes in place.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        self.0.apply_keystream(bytes);
    }
}
