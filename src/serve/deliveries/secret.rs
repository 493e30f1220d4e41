//! The secret that a forge and this service share.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

use crate::secret::SecretBytes;

/// Minimum length of a secret in bytes. A shorter one can be guessed.
const MINIMUM_LEN: usize = 16;

/// Prefix of a secret of the Standard Webhooks, before its base64.
const STANDARD_PREFIX: &[u8] = b"whsec_";

/// The secret of a hook.
pub(crate) struct HookSecret {
    /// The text, as it is typed at the forge.
    text: SecretBytes,
    /// The decoded bytes behind the prefix, if this is a secret of the Standard Webhooks.
    standard: Option<SecretBytes>,
}

/// Why a text can't be the secret of a hook.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum HookSecretError {
    /// It is too short to be safe.
    #[error(
        "it has {length} bytes, and at least {MINIMUM_LEN} are needed: `openssl rand -hex 32` makes a good one"
    )]
    TooShort {
        /// Length in bytes.
        length: usize,
    },
    /// It has the prefix of the Standard Webhooks, but no base64 behind it.
    #[error("behind `whsec_` there is no base64")]
    NoBase64,
}

impl HookSecret {
    /// Reads the content of a secret's file. A line end after the secret is ignored.
    pub(crate) fn parse(mut content: SecretBytes) -> Result<Self, HookSecretError> {
        let text = content.expose().trim_ascii_end();
        let standard = match text.strip_prefix(STANDARD_PREFIX) {
            Some(coded) => {
                let decoded = STANDARD.decode(coded);
                let decoded = decoded.map_err(|_| HookSecretError::NoBase64)?;
                Some(SecretBytes::from_vec(decoded))
            }
            None => None,
        };
        let key = standard.as_ref().map_or(text.len(), SecretBytes::len);
        let length = key.min(text.len());
        if length < MINIMUM_LEN {
            return Err(HookSecretError::TooShort { length });
        }
        let text = SecretBytes::copy_of(text);
        Ok(Self { text, standard })
    }

    /// True if `code` is the HMAC-SHA256 of `body`.
    pub(super) fn has_signed(&mut self, body: &[u8], code: &[u8]) -> bool {
        has_signed::<Hmac<Sha256>>(self.text.expose(), &[body], &[code])
    }

    /// True if `code` is the HMAC-SHA1 of `body`.
    pub(super) fn has_signed_with_sha1(&mut self, body: &[u8], code: &[u8]) -> bool {
        has_signed::<Hmac<Sha1>>(self.text.expose(), &[body], &[code])
    }

    /// True if one of `codes` is the HMAC-SHA256 of `parts` by the key of the Standard Webhooks. `parts` are hashed once, however many
    /// codes there are.
    pub(super) fn has_signed_standard(&mut self, parts: &[&[u8]], codes: &[Vec<u8>]) -> bool {
        let key = self.standard.as_mut().unwrap_or(&mut self.text);
        has_signed::<Hmac<Sha256>>(key.expose(), parts, codes)
    }

    /// True if `token` is the secret. The time that the comparison takes depends on neither.
    pub(crate) fn is(&mut self, token: &[u8]) -> bool {
        let digests = [self.text.expose(), token].map(Sha256::digest);
        digests[0].ct_eq(&digests[1]).into()
    }
}

/// True if one of `codes` is the code of all `parts` in this order. The comparison takes constant time.
fn has_signed<Code: Mac + KeyInit>(
    key: &[u8],
    parts: &[&[u8]],
    codes: &[impl AsRef<[u8]>],
) -> bool {
    let mut code =
        <Code as KeyInit>::new_from_slice(key).expect("because HMAC takes keys of any length");
    for part in parts {
        code.update(part);
    }
    let expected = code.finalize().into_bytes();
    let mut fits = Choice::from(0);
    for code in codes {
        fits |= expected[..].ct_eq(code.as_ref());
    }
    fits.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<HookSecret, HookSecretError> {
        HookSecret::parse(SecretBytes::copy_of(text.as_bytes()))
    }

    #[test]
    fn a_line_end_after_it_does_not_count_and_a_short_one_is_refused() {
        let mut secret = parse("correct horse battery\n").expect("long enough");
        assert!(secret.is(b"correct horse battery"));
        for wrong in ["", "correct horse batter", "correct horse battery\n"] {
            assert!(!secret.is(wrong.as_bytes()), "{wrong:?}");
        }
        let short = parse("hunter2\n").err();
        assert_eq!(short, Some(HookSecretError::TooShort { length: 7 }));
        // The length of the key counts, not the length of its base64.
        let coded = parse("whsec_YWJjZGVmZw==").err();
        assert_eq!(coded, Some(HookSecretError::TooShort { length: 7 }));
        let coded = parse("whsec_%%%").err();
        assert_eq!(coded, Some(HookSecretError::NoBase64));
    }
}
