//! An encrypted blob: magic number, nonce, ciphertext.

use thiserror::Error;
use zeroize::Zeroizing;

use super::cipher::{KeyStream, NONCE_LEN, Nonce, PlaintextMac};
use super::key::FileKey;
use super::key_file::KeyFile;
use crate::secret::SecretBytes;

/// The beginning of every encrypted blob.
const MAGIC: &[u8; 10] = b"\0GITCRYPT\0";

/// Maximum length of a plaintext in bytes. Block numbers have 32 bits and must not overflow: otherwise key stream would be
/// used twice.
pub(crate) const MAXIMUM_PLAINTEXT: u64 = (1 << 32) * 16 - 1;

/// Why a blob can't be decrypted, or a file encrypted.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BlobError {
    /// The blob ends within its header.
    #[error(
        "the encrypted file is cut off after {length} bytes, within its header of {}",
        Header::LEN
    )]
    Truncated {
        /// How many bytes there are.
        length: usize,
    },
    /// No key gives a plaintext that fits the nonce.
    #[error("encrypted file has been tampered with, or was encrypted with another key")]
    NotAuthentic,
    /// The plaintext is longer than the format can encrypt safely.
    #[error("file too long to encrypt: {length} bytes, at most {MAXIMUM_PLAINTEXT}")]
    TooLong { length: u64 },
}

/// The beginning of an encrypted blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    nonce: Nonce,
}

impl Header {
    /// Length of a header in bytes.
    pub const LEN: usize = MAGIC.len() + NONCE_LEN;

    /// Reads the header of `blob`; the first [`Self::LEN`] bytes are enough. `None` if it is not an encrypted blob.
    pub fn parse(blob: &[u8]) -> Result<Option<Self>, BlobError> {
        let Some(behind_magic) = blob.strip_prefix(MAGIC) else {
            return Ok(None);
        };
        match behind_magic.first_chunk() {
            Some(nonce) => Ok(Some(Self {
                nonce: Nonce::from_bytes(*nonce),
            })),
            None => Err(BlobError::Truncated { length: blob.len() }),
        }
    }

    /// True if `blob` begins with the magic number of encrypted blobs.
    pub fn is_in(blob: &[u8]) -> bool {
        blob.starts_with(MAGIC)
    }

    /// The header as it stands in a blob.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..MAGIC.len()].copy_from_slice(MAGIC);
        bytes[MAGIC.len()..].copy_from_slice(self.nonce.as_bytes());
        bytes
    }
}

/// Encryption of a plaintext that comes in pieces.
pub(crate) struct BlobEncryption<'keys> {
    key: &'keys FileKey,
    mac: PlaintextMac,
}

/// Decryption of a ciphertext that comes in pieces. The plaintext may be used only after [`prove`] has succeeded.
///
/// [`prove`]: BlobDecryption::prove
pub(crate) struct BlobDecryption<'keys> {
    keys: &'keys KeyFile,
    key: &'keys FileKey,
    header: Header,
    stream: KeyStream,
    mac: PlaintextMac,
}

impl<'keys> BlobEncryption<'keys> {
    /// Encryption with the newest of `keys`.
    pub(crate) fn new(keys: &'keys KeyFile) -> Self {
        let key = keys.newest();
        Self {
            key,
            mac: PlaintextMac::new(key),
        }
    }

    /// One encryption for each retired key.
    pub(crate) fn of_former(keys: &'keys KeyFile) -> Vec<Self> {
        let former = keys.retired().iter();
        let with = |key| Self {
            key,
            mac: PlaintextMac::new(key),
        };
        former.map(with).collect()
    }

    /// Adds the next piece of plaintext to the MAC.
    pub(crate) fn update(&mut self, plaintext: &[u8]) {
        self.mac.update(plaintext);
    }

    /// The header of the blob, and the key stream that encrypts the `length` bytes that were absorbed. The nonce
    /// depends on the whole plaintext, so the caller passes through the plaintext twice: once to absorb, once to
    /// encrypt.
    pub(crate) fn finish(self, length: usize) -> Result<(Header, KeyStream), BlobError> {
        let length = length as u64;
        if length > MAXIMUM_PLAINTEXT {
            return Err(BlobError::TooLong { length });
        }
        let nonce = self.mac.nonce();
        Ok((Header { nonce }, KeyStream::new(self.key, nonce)))
    }
}

impl<'keys> BlobDecryption<'keys> {
    /// Decryption with the newest of `keys`.
    pub(crate) fn new(keys: &'keys KeyFile, header: Header) -> Self {
        Self::with(keys, keys.newest(), header)
    }

    /// Decrypts the next piece in place.
    pub(crate) fn apply(&mut self, ciphertext: &mut [u8]) {
        self.stream.apply(ciphertext);
        self.mac.update(ciphertext);
    }

    /// Checks that `content`, which was decrypted in place, is authentic. If it is not, tries the other versions of the key.
    ///
    /// If none fits, `content` is ciphertext again.
    pub(crate) fn prove(self, content: &mut SecretBytes) -> Result<(), BlobError> {
        let Self {
            keys,
            key,
            header,
            mac,
            ..
        } = self;
        if mac.matches(header.nonce) {
            return Ok(());
        }
        apply_key_stream(key, header.nonce, content);
        for key in keys.newest_first().skip(1) {
            let mut decryption = Self::with(keys, key, header);
            content
                .expose_chunks_mut()
                .for_each(|chunk| decryption.apply(chunk));
            if decryption.mac.matches(header.nonce) {
                return Ok(());
            }
            apply_key_stream(key, header.nonce, content);
        }
        Err(BlobError::NotAuthentic)
    }

    /// One decryption for each of `keys` except the newest.
    pub(crate) fn with_others(
        keys: &'keys KeyFile,
        header: Header,
    ) -> impl Iterator<Item = Self> + use<'keys> {
        let others = keys.newest_first().skip(1);
        others.map(move |key| Self::with(keys, key, header))
    }

    /// Turns `content`, which was decrypted in place, back into ciphertext.
    pub(crate) fn undo(&self, content: &mut SecretBytes) {
        apply_key_stream(self.key, self.header.nonce, content);
    }

    /// The key stream from its beginning, to decrypt the content a second time. `None` if the content is not authentic.
    pub(crate) fn proven_stream(self) -> Option<KeyStream> {
        let is_authentic = self.mac.matches(self.header.nonce);
        is_authentic.then(|| KeyStream::new(self.key, self.header.nonce))
    }

    fn with(keys: &'keys KeyFile, key: &'keys FileKey, header: Header) -> Self {
        Self {
            keys,
            key,
            header,
            stream: KeyStream::new(key, header.nonce),
            mac: PlaintextMac::new(key),
        }
    }
}

/// Encrypts `content` in place with the newest key; the blob is the header returned, then the content.
pub fn encrypt(keys: &KeyFile, content: &mut SecretBytes) -> Result<Header, BlobError> {
    let mut encryption = BlobEncryption::new(keys);
    content
        .expose_chunks()
        .for_each(|chunk| encryption.update(chunk));
    let (header, mut stream) = encryption.finish(content.len())?;
    content
        .expose_chunks_mut()
        .for_each(|chunk| stream.apply(chunk));
    Ok(header)
}

/// Decrypts in place the `content` that follows `header`, with the version of the key that fits.
///
/// If none fits, `content` is still ciphertext.
pub fn decrypt(keys: &KeyFile, header: Header, content: &mut SecretBytes) -> Result<(), BlobError> {
    let mut decryption = BlobDecryption::new(keys, header);
    content
        .expose_chunks_mut()
        .for_each(|chunk| decryption.apply(chunk));
    decryption.prove(content)
}

/// True if one of `keys` decrypts `blob`. The blob is given in chunks; the first chunk must hold the whole header.
pub fn is_authentic<'chunk>(
    keys: &KeyFile,
    blob: impl Iterator<Item = &'chunk [u8]> + Clone,
) -> bool {
    let Some(Ok(Some(header))) = blob.clone().next().map(Header::parse) else {
        return false;
    };
    keys.newest_first().any(|key| {
        let mut decryption = BlobDecryption::with(keys, key, header);
        let mut skip = Header::LEN;
        for chunk in blob.clone() {
            let mut plaintext = Zeroizing::new(chunk[skip..].to_vec());
            skip = 0;
            decryption.apply(&mut plaintext);
        }
        decryption.mac.matches(header.nonce)
    })
}

/// Finds out, piece by piece, whether one of the keys of a key file opens a blob.
pub(crate) struct BlobProof<'keys> {
    nonce: Nonce,
    attempts: Vec<BlobDecryption<'keys>>,
}

impl<'keys> BlobProof<'keys> {
    /// Proof for the blob that begins with `header`.
    pub(crate) fn new(keys: &'keys KeyFile, header: Header) -> Self {
        let attempts = keys.newest_first();
        Self {
            nonce: header.nonce,
            attempts: attempts
                .map(|key| BlobDecryption::with(keys, key, header))
                .collect(),
        }
    }

    /// Adds the next piece of ciphertext after the header.
    pub(crate) fn update(&mut self, ciphertext: &[u8]) {
        for attempt in &mut self.attempts {
            let mut plaintext = Zeroizing::new(ciphertext.to_vec());
            attempt.apply(&mut plaintext);
        }
    }

    /// True if one of the keys opens the blob that was absorbed.
    pub(crate) fn holds(self) -> bool {
        let mut attempts = self.attempts.into_iter();
        attempts.any(|attempt| attempt.mac.matches(self.nonce))
    }
}

fn apply_key_stream(key: &FileKey, nonce: Nonce, content: &mut SecretBytes) {
    let mut stream = KeyStream::new(key, nonce);
    content
        .expose_chunks_mut()
        .for_each(|chunk| stream.apply(chunk));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::KeyName;
    use crate::format::examples::key;
    use proptest::prelude::*;

    fn encrypted(keys: &KeyFile, plaintext: &[u8]) -> Vec<u8> {
        let mut content = SecretBytes::copy_of(plaintext);
        let header = encrypt(keys, &mut content).expect("short enough");
        [&header.to_bytes()[..], content.expose()].concat()
    }

    fn decrypted(keys: &KeyFile, blob: &[u8]) -> Result<Vec<u8>, BlobError> {
        let header = Header::parse(blob)?.ok_or(BlobError::NotAuthentic)?;
        let mut content = SecretBytes::copy_of(&blob[Header::LEN..]);
        decrypt(keys, header, &mut content)?;
        Ok(content.expose().to_vec())
    }

    proptest! {
        #[test]
        fn what_is_encrypted_decrypts_to_itself(plaintext: Vec<u8>, seed: u8) {
            let blob = encrypted(&key("default", seed), &plaintext);
            prop_assert!(is_authentic(&key("default", seed), [&blob[..]].into_iter()));
            prop_assert_eq!(decrypted(&key("default", seed), &blob), Ok(plaintext));
        }

        #[test]
        fn one_flipped_bit_is_refused(plaintext: Vec<u8>, position: prop::sample::Index, bit in 0..8u32) {
            let mut blob = encrypted(&key("default", 1), &plaintext);
            let position = position.index(blob.len());
            blob[position] ^= 1u8 << bit;
            prop_assert_eq!(decrypted(&key("default", 1), &blob), Err(BlobError::NotAuthentic));
            prop_assert!(!is_authentic(&key("default", 1), [&blob[..]].into_iter()));
        }
    }

    #[test]
    fn another_key_is_refused_and_leaves_the_ciphertext() {
        let blob = encrypted(&key("default", 1), b"api_key=opensesame");
        let header = Header::parse(&blob).expect("whole").expect("encrypted");
        let mut content = SecretBytes::copy_of(&blob[Header::LEN..]);
        assert_eq!(
            decrypt(&key("default", 2), header, &mut content),
            Err(BlobError::NotAuthentic)
        );
        assert_eq!(content.expose(), &blob[Header::LEN..]);
    }

    #[test]
    fn every_version_of_a_key_opens_its_blobs_and_the_newest_encrypts() {
        let old = encrypted(&key("default", 1), b"text");
        let version = |version, seed| FileKey::build(version, |material| material.fill(seed));
        let both = KeyFile::new(KeyName::default(), vec![version(0, 1), version(3, 9)])
            .expect("two versions");
        assert_eq!(decrypted(&both, &old), Ok(b"text".to_vec()));
        assert_eq!(
            encrypted(&both, b"text"),
            encrypted(&key("default", 9), b"text")
        );
    }

    #[test]
    fn a_blob_is_authentic_however_it_is_cut_into_chunks() {
        let blob = encrypted(&key("default", 1), &[7; 100]);
        let (first, second) = blob.split_at(40);
        assert!(is_authentic(
            &key("default", 1),
            [first, second].into_iter()
        ));
    }

    #[test]
    fn a_blob_cut_off_in_its_header_is_said_to_be() {
        let blob = encrypted(&key("default", 1), b"");
        assert_eq!(
            Header::parse(&blob[..21]),
            Err(BlobError::Truncated { length: 21 })
        );
        assert_eq!(Header::parse(&blob[..9]), Ok(None));
    }
}
