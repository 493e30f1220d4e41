//! How an age file begins, written as text or not.

/// The first bytes of an age file.
pub(super) const BINARY_BEGINNING: &[u8] = b"age-encryption.org/";
/// The first bytes of an age file that is written as text.
const TEXT_BEGINNING: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// True if `bytes` begin as an age file does.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(BINARY_BEGINNING) || bytes.trim_ascii_start().starts_with(TEXT_BEGINNING)
}
