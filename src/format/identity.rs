//! The identity of a key: an Ed25519 key pair derived from the key. Its public half is not secret.
//!
//! Everybody who has the key can sign with its identity; everybody else can verify the signature. Neither the public
//! half nor a signature reveals anything about the key.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::key::FileKey;
use super::key_file::KeyFile;

/// HKDF's `info` of the seed that the identity is made from.
const IDENTITY_INFO: &[u8] = b"hs-secrets identity v1";
/// HKDF's `info` of the key that encrypts the earlier keys of the same name (see [`history_key`]).
const HISTORY_INFO: &[u8] = b"hs-secrets history v1";

/// The secret half of a key's identity, which signs.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Identity(SigningKey);

/// The public half of a key's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PublicIdentity(VerifyingKey);

/// The id of a key: the first 16 bytes of the SHA-256 of the public half of its identity. It is not secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct KeyId([u8; 16]);

/// An Ed25519 signature (RFC 8032).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature([u8; Self::LEN]);

impl Identity {
    /// The identity of a key's newest version. The Ed25519 seed is HKDF-SHA256 (RFC 5869) of AES key ‖ HMAC key, without salt.
    pub(crate) fn of(key: &KeyFile) -> Self {
        Self::of_version(key.newest())
    }

    fn of_version(key: &FileKey) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        derive(key, IDENTITY_INFO, &mut *seed);
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public half.
    pub(crate) fn public(&self) -> PublicIdentity {
        PublicIdentity(self.0.verifying_key())
    }

    /// Signs `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Identity({})", self.public().id())
    }
}

impl PublicIdentity {
    /// Reads a public half that is written as 64 lower-case hexadecimal digits.
    pub(crate) fn parse(digits: &str) -> Option<Self> {
        VerifyingKey::from_bytes(&from_hex(digits)?).ok().map(Self)
    }

    /// The id of the key.
    pub(crate) fn id(&self) -> KeyId {
        let hash = Sha256::digest(self.0.as_bytes());
        KeyId(*hash.first_chunk().expect("SHA-256 gives 32 bytes"))
    }

    /// True if the secret half has signed `message`. Weak public keys are refused (`verify_strict`).
    pub(crate) fn has_signed(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Display for PublicIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.0.as_bytes(), formatter)
    }
}

impl KeyId {
    /// The id of a key's newest version.
    pub(crate) fn of(key: &KeyFile) -> Self {
        Identity::of(key).public().id()
    }

    /// The id that a key file has whose newest version is `key`.
    pub(crate) fn of_version(key: &FileKey) -> Self {
        Identity::of_version(key).public().id()
    }

    /// Reads an id that is written as 32 lower-case hexadecimal digits.
    pub(crate) fn parse(digits: &str) -> Option<Self> {
        from_hex(digits).map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, formatter)
    }
}

impl Signature {
    /// Length of a signature in bytes.
    pub(crate) const LEN: usize = 64;

    pub(crate) fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

/// The key that encrypts the earlier keys of the same name, so that everybody who has `key` can open them. Its material
/// is HKDF-SHA256 (RFC 5869) of the newest version's AES key ‖ HMAC key, without salt.
///
/// It differs from the key that encrypts files. Otherwise somebody could copy an encrypted earlier key to the path of
/// an encrypted file, and `git checkout` would decrypt it.
pub(crate) fn history_key(key: &KeyFile) -> KeyFile {
    let derived = FileKey::build(0, |material| {
        derive(key.newest(), HISTORY_INFO, material);
    });
    KeyFile::of_one(key.name().clone(), derived)
}

fn derive(key: &FileKey, info: &[u8], output: &mut [u8]) {
    let (mut extracted, expander) = Hkdf::<Sha256>::extract(None, key.expose_material());
    extracted.zeroize();
    expander
        .expand(info, output)
        .expect("HKDF-SHA256 gives up to 8160 bytes");
}

fn from_hex<const LEN: usize>(digits: &str) -> Option<[u8; LEN]> {
    let digits = digits.as_bytes();
    if digits.len() != 2 * LEN {
        return None;
    }
    let mut bytes = [0; LEN];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

fn write_hex(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;
    use crate::format::key::KeyName;
    use proptest::prelude::*;

    /// AES key `00 01 … 1f`, HMAC key `40 41 … 7f`.
    fn known_key() -> KeyFile {
        let key = FileKey::build(0, |material| {
            let bytes = (0x00..0x20).chain(0x40..0x80);
            material
                .iter_mut()
                .zip(bytes)
                .for_each(|(place, byte)| *place = byte);
        });
        KeyFile::of_one(KeyName::default(), key)
    }

    /// The numbers come from OpenSSL 3. Seed: `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:$KEY -kdfopt
    /// info:"hs-secrets identity v1" HKDF`. Private key: the bytes `302e020100300506032b657004220420`, then the seed.
    /// Public half: `openssl pkey -pubout -outform DER | tail -c 32`. Id: `sha256sum` of the public half. Signature:
    /// `openssl pkeyutl -sign -rawin`.
    #[test]
    fn the_identity_of_a_known_key_is_what_openssl_says() {
        let identity = Identity::of(&known_key());
        assert_eq!(
            identity.public().to_string(),
            "8235d03d3a4bcd118314960b1d221e97beabc1cfd5be54d0156eadea94556381"
        );
        assert_eq!(
            KeyId::of(&known_key()).to_string(),
            "799e6d44a3a6ad63fdfc166a114c7e17"
        );
        let message = b"hs-secrets test v1\nkey: default\n";
        let signature = identity.sign(message);
        let expected: [u8; Signature::LEN] = from_hex(
            "6e8fbdf9ceab1c1a0639a0de35e1b7456e914f3dc1c8021411290b4b2953c0ba80d5a431c231732a4180475b43ae772594226c04700cb855c0b98e737665d402",
        )
        .expect("digits");
        assert_eq!(signature, Signature(expected));
        assert!(identity.public().has_signed(message, &signature));
    }

    /// `openssl kdf -keylen 96 … -kdfopt info:"hs-secrets history v1" HKDF`.
    #[test]
    fn the_history_key_of_a_known_key_is_what_openssl_says() {
        let derived = history_key(&known_key());
        let expected: [u8; FileKey::MATERIAL_LEN] = from_hex(
            "5b623df8c24b23a5f103693f5723a84ee9c87c3a456e0ef041b8045537d9304c2e208ce2eabdd060dbc935154feaa1fba750e5430ce8edd5b0e82e4e7ec7252102a6b81ba04a07a22d72ca8a8f2204e07b32c903ae052207c38cee0fb246d95e",
        )
        .expect("digits");
        assert_eq!(derived.newest().expose_material(), &expected);
    }

    #[test]
    fn debug_shows_the_id_only() {
        assert_eq!(
            format!("{:?}", Identity::of(&known_key())),
            "Identity(799e6d44a3a6ad63fdfc166a114c7e17)"
        );
    }

    #[test]
    fn a_public_half_of_small_order_signs_nothing() {
        // The point of order one: a verifier that accepts it takes a signature with scalar 0 as valid for every message.
        let weak = PublicIdentity::parse(&format!("01{}", "00".repeat(31))).expect("a point it is");
        let mut signature = [0; Signature::LEN];
        signature[0] = 1;
        assert!(!weak.has_signed(b"anything", &Signature(signature)));
    }

    proptest! {
        #[test]
        fn a_signature_holds_for_its_message_and_key_alone(seed: u8, other: u8, message: Vec<u8>, flipped: prop::sample::Index) {
            let identity = |seed: u8| Identity::of(&key("default", seed));
            let signature = identity(seed).sign(&message);
            prop_assert!(identity(seed).public().has_signed(&message, &signature));
            prop_assert_eq!(identity(other).public().has_signed(&message, &signature), seed == other);
            let mut longer = message.clone();
            longer.push(0);
            prop_assert!(!identity(seed).public().has_signed(&longer, &signature));
            let mut changed = signature.0;
            changed[flipped.index(Signature::LEN)] ^= 1;
            prop_assert!(!identity(seed).public().has_signed(&message, &Signature(changed)));
        }

        #[test]
        fn what_is_written_reads_the_same(seed: u8) {
            let public = Identity::of(&key("default", seed)).public();
            prop_assert_eq!(PublicIdentity::parse(&public.to_string()), Some(public));
            prop_assert_eq!(KeyId::parse(&public.id().to_string()), Some(public.id()));
            prop_assert_eq!(KeyId::parse(&public.id().to_string().to_uppercase()), None);
        }
    }
}
