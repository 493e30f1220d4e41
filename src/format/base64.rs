//! Letters of base64.

/// True if `byte` is a letter of standard base64 (RFC 4648, section 4) or its padding.
pub(crate) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}
