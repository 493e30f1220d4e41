//! Strict checks of SSH public keys, before the crate age parses them.
//!
//! Sources: RFC 4253, 6.6 (ssh-rsa), RFC 8709, 4 (ssh-ed25519), RFC 4251, 5 (string, mpint).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::recipient_error::RecipientError;

const RSA: &str = "ssh-rsa";
const ED25519: &str = "ssh-ed25519";
/// Length of an Ed25519 public key in bytes.
const ED25519_LEN: usize = 32;
/// Minimum size of an RSA modulus in bits.
const SMALLEST_MODULUS: usize = 2048;
/// Maximum size of an RSA modulus in bits.
const LARGEST_MODULUS: usize = 4096;
/// Maximum size of an RSA exponent in bytes.
const LONGEST_EXPONENT: usize = 4;

/// Checks a key written as `kind` and base64 `digits`: all fields exist, nothing follows them, and the numbers are possible.
pub(super) fn check(kind: &str, digits: &str) -> Result<(), RecipientError> {
    if !can_decrypt(kind) {
        return Ok(());
    }
    let blob = STANDARD.decode(digits).ok();
    let malformed = || RecipientError::Malformed {
        kind: kind.to_owned(),
    };
    let mut fields = Fields(blob.as_deref().ok_or_else(malformed)?);
    if fields.string().ok_or_else(malformed)? != kind.as_bytes() {
        return Err(malformed());
    }
    if kind == ED25519 {
        let point = fields.string().ok_or_else(malformed)?;
        let is_whole = point.len() == ED25519_LEN && fields.0.is_empty();
        return if is_whole { Ok(()) } else { Err(malformed()) };
    }
    let exponent = fields.positive_integer().ok_or_else(malformed)?;
    let modulus = fields.positive_integer().ok_or_else(malformed)?;
    if !fields.0.is_empty()
        || exponent.len() > LONGEST_EXPONENT
        || !(is_odd(exponent) && is_odd(modulus))
    {
        return Err(malformed());
    }
    match bits(modulus) {
        ..SMALLEST_MODULUS => Err(RecipientError::RsaSize { size: "small" }),
        SMALLEST_MODULUS..=LARGEST_MODULUS => Ok(()),
        _ => Err(RecipientError::RsaSize { size: "large" }),
    }
}

/// True for types of keys that can decrypt; others only sign.
pub(super) fn can_decrypt(kind: &str) -> bool {
    [RSA, ED25519].contains(&kind)
}

/// The fields of a key that have not been read yet.
struct Fields<'blob>(&'blob [u8]);

impl<'blob> Fields<'blob> {
    /// Reads a `string`: four bytes of length, then as many bytes.
    fn string(&mut self) -> Option<&'blob [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (string, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    /// Reads an `mpint` greater than zero, without its leading zero byte. That byte is allowed only before a set first bit.
    fn positive_integer(&mut self) -> Option<&'blob [u8]> {
        let bytes = self.string()?;
        match bytes {
            [] => None,
            [0, rest @ ..] => rest
                .first()
                .is_some_and(|first| first >> 7 == 1)
                .then_some(rest),
            [first, ..] => (first >> 7 == 0).then_some(bytes),
        }
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last % 2 == 1)
}

fn bits(number: &[u8]) -> usize {
    let unused = number
        .first()
        .map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - unused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(fields: &[&[u8]]) -> String {
        let mut bytes = Vec::new();
        for field in fields {
            let length = u32::try_from(field.len()).expect("short");
            bytes.extend(length.to_be_bytes());
            bytes.extend_from_slice(field);
        }
        STANDARD.encode(bytes)
    }

    /// The mpint of an odd number with this many bits.
    fn modulus(bits: usize) -> Vec<u8> {
        let mut bytes = vec![0; bits / 8 + 1];
        bytes[(bits / 8 + 1) - bits.div_ceil(8)] |= 1 << ((bits - 1) % 8);
        *bytes.last_mut().expect("not empty") |= 1;
        if bytes[0] == 0 && bytes[1] >> 7 == 0 {
            bytes.remove(0);
        }
        bytes
    }

    #[test]
    fn good_keys_pass() {
        for bits in [2048, 3072, 4095, 4096] {
            let rsa = blob(&[b"ssh-rsa", &[1, 0, 1], &modulus(bits)]);
            assert_eq!(check("ssh-rsa", &rsa), Ok(()), "{bits}");
        }
        let ed25519 = blob(&[b"ssh-ed25519", &[7; 32]]);
        assert_eq!(check("ssh-ed25519", &ed25519), Ok(()));
    }

    #[test]
    fn numbers_that_cannot_be_are_refused_before_age_sees_them() {
        let modulus = modulus(2048);
        let malformed = Err(RecipientError::Malformed {
            kind: "ssh-rsa".to_owned(),
        });
        assert_eq!(
            check("ssh-rsa", "AAAAB3NzaC1yc2EAAAABAAAAAAMBAAE="),
            malformed
        );
        for fields in [
            &[&b"ssh-rsa"[..], &[0], &[1, 0, 1]][..],
            &[b"ssh-rsa", &[1, 0, 1], &[0]],
            &[b"ssh-rsa", &[1, 0, 1], &[0, 0, 0]],
            &[b"ssh-rsa", &[1, 0, 1], &[]],
            &[b"ssh-rsa", &[], &modulus],
            &[b"ssh-rsa", &[1, 0, 0], &modulus],
            &[b"ssh-rsa", &[0xff], &modulus],
            &[b"ssh-rsa", &[0, 1, 0, 1], &modulus],
            &[b"ssh-rsa", &[1; 5], &modulus],
            &[b"ssh-rsa", &[1, 0, 1], &modulus, b"more"],
            &[b"ssh-rsa", &[1, 0, 1]],
            &[b"ssh-dss", &[1, 0, 1], &modulus],
            &[],
        ] {
            assert_eq!(check("ssh-rsa", &blob(fields)), malformed, "{fields:?}");
        }
        assert_eq!(
            check("ssh-rsa", &blob(&[b"ssh-rsa", &[1, 0, 1], &[0x7f; 100]])),
            Err(RecipientError::RsaSize { size: "small" })
        );
        assert!(check("ssh-ed25519", &blob(&[b"ssh-ed25519", &[7; 31]])).is_err());
        assert!(check("ssh-ed25519", &blob(&[b"ssh-ed25519", &[7; 32], b"x"])).is_err());
        assert!(check("ssh-ed25519", "AAAA").is_err());
        assert!(check("ssh-ed25519", "!").is_err());
    }
}
