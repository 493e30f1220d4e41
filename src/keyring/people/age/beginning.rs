//! How an age file begins, as binary or as text.

/// Beginning of a binary age file.
pub(super) const BINARY_BEGINNING: &[u8] = b"age-encryption.org/";
/// Beginning of an age file in text form.
const TEXT_BEGINNING: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// True if `bytes` begin like an age file.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(BINARY_BEGINNING) || bytes.trim_ascii_start().starts_with(TEXT_BEGINNING)
}
