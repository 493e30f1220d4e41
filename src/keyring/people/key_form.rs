//! The forms of a key file: raw, as base64 text, or sealed with age.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use thiserror::Error;
use zeroize::Zeroizing;

use super::age::{AgeError, AskPassphrase, Passphrase, is_sealed, wants_passphrase};
use super::age::{AgeIdentity, open_with_identities};
use super::age::{open_with_passphrase, seal_with_passphrase};
use crate::format::{KeyFile, is_base64};
use crate::secret::SecretBytes;

/// Accepts missing padding: text that was copied and pasted may have lost it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The beginning of a key file in base64.
const KEY_IN_BASE64: &[u8] = b"AEdJVENSWVBU";

/// The means of a user to open sealed key files.
pub(crate) struct Opener<'opener> {
    /// Asks for a passphrase.
    pub ask: AskPassphrase,
    /// Age and SSH keys.
    pub identities: &'opener [AgeIdentity],
}

/// The form in which a key file is written.
#[derive(Debug)]
pub(crate) enum KeyForm {
    /// Binary, as git-crypt writes it.
    Raw,
    /// One line of base64.
    Base64,
    /// Text that only a passphrase opens.
    Passphrase(Passphrase),
}

/// Why a key file could not be converted to or from a form.
#[derive(Debug, Error)]
pub(crate) enum KeyFormError {
    /// Text that begins like a key in base64, but is not valid base64.
    #[error("a key in base64 that was cut off or changed on the way")]
    BadBase64,
    /// The sealed file can't be opened.
    #[error(transparent)]
    Age(#[from] AgeError),
}

/// Converts a key file to a form.
pub(crate) fn pack(key: &KeyFile, form: KeyForm) -> Result<SecretBytes, KeyFormError> {
    let mut raw = key.to_bytes();
    match form {
        KeyForm::Raw => Ok(raw),
        KeyForm::Base64 => Ok(to_base64(raw.expose())),
        KeyForm::Passphrase(passphrase) => Ok(SecretBytes::from_vec(seal_with_passphrase(
            &raw, passphrase,
        )?)),
    }
}

/// Detects the form of a key file, and converts it to the raw form. Content in an unknown form is returned unchanged:
/// the parser of key files will report the error.
pub(crate) fn unpack(
    mut bytes: SecretBytes,
    what: &str,
    opener: &Opener<'_>,
) -> Result<SecretBytes, KeyFormError> {
    if let Some(decoded) = from_base64(bytes.expose()) {
        bytes = decoded?;
    }
    if !is_sealed(bytes.expose()) {
        return Ok(bytes);
    }
    if wants_passphrase(bytes.expose())? {
        Ok(open_with_passphrase(bytes.expose(), what, opener.ask)?)
    } else {
        Ok(open_with_identities(bytes.expose(), opener.identities)?)
    }
}

/// One line, because CI systems can mask only one-line variables.
fn to_base64(raw: &[u8]) -> SecretBytes {
    let mut text = Zeroizing::new(String::with_capacity(raw.len() * 2));
    STANDARD.encode_string(raw, &mut text);
    text.push('\n');
    SecretBytes::copy_of(text.as_bytes())
}

/// Decodes text that consists of base64 characters and white space. `None` if there are other characters, or if
/// decoding fails. An error if decoding fails, but the text begins like a key file.
fn from_base64(text: &[u8]) -> Option<Result<SecretBytes, KeyFormError>> {
    let of_alphabet = |byte: &u8| is_base64(*byte) || byte.is_ascii_whitespace();
    if text.trim_ascii().is_empty() || !text.iter().all(of_alphabet) {
        return None;
    }
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    digits.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
    let mut decoded = Zeroizing::new(vec![0; digits.len()]);
    match LENIENT.decode_slice(&*digits, &mut decoded) {
        Ok(length) => Some(Ok(SecretBytes::copy_of(&decoded[..length]))),
        Err(_) => digits
            .starts_with(KEY_IN_BASE64)
            .then_some(Err(KeyFormError::BadBase64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;
    use crate::keyring::people::looks_like_key;
    use proptest::prelude::*;

    fn nobody() -> Opener<'static> {
        answering(|_| None)
    }

    fn answering(ask: AskPassphrase) -> Opener<'static> {
        Opener {
            ask,
            identities: &[],
        }
    }

    #[test]
    fn base64_reads_the_same_however_it_is_broken() {
        let mut packed = pack(&key("default", 7), KeyForm::Base64).expect("always possible");
        let text = String::from_utf8(packed.expose().to_vec()).expect("text");
        assert_eq!(text.lines().count(), 1);
        assert!(looks_like_key(text.as_ref()));
        let one_line = text.replace('\n', "");
        let (first, rest) = one_line.split_at(76);
        for form in [
            text.clone(),
            text.replace('\n', "\r\n"),
            format!("{first}\n{rest}\n"),
            one_line.trim_end_matches('=').to_owned(),
            format!("  {one_line}\n\n"),
        ] {
            let mut raw =
                unpack(SecretBytes::copy_of(form.as_bytes()), "it", &nobody()).expect("good");
            assert_eq!(
                raw.expose(),
                key("default", 7).to_bytes().expose(),
                "{form}"
            );
        }
    }

    #[test]
    fn a_sealed_key_needs_somebody_to_ask_and_the_right_passphrase() {
        let passphrase = |_: &str| Some(Passphrase::new("correct horse".to_owned()));
        let form = KeyForm::Passphrase(Passphrase::new("correct horse".to_owned()));
        let mut sealed = pack(&key("default", 7), form).expect("sealed");
        let again = |sealed: &mut SecretBytes| SecretBytes::copy_of(sealed.expose());
        let mut raw = unpack(again(&mut sealed), "it", &answering(passphrase)).expect("opened");
        assert_eq!(raw.expose(), key("default", 7).to_bytes().expose());
        assert!(matches!(
            unpack(again(&mut sealed), "it", &nobody()),
            Err(KeyFormError::Age(AgeError::NobodyToAsk))
        ));
        let wrong = |_: &str| Some(Passphrase::new("battery staple".to_owned()));
        assert!(matches!(
            unpack(again(&mut sealed), "it", &answering(wrong)),
            Err(KeyFormError::Age(AgeError::WrongPassphrase))
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, beginning in 0..4usize) {
            let beginnings: [&[u8]; 4] =
                [b"", b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----\n", b"QUJD"];
            let bytes = [beginnings[beginning], &bytes].concat();
            let _ = unpack(SecretBytes::from_vec(bytes), "it", &nobody());
        }
    }
}
