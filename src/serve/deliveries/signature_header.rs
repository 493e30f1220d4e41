//! Reads the headers that prove a delivery, strictly: a header that is missing, there twice or malformed proves nothing.

use http::HeaderMap;
use thiserror::Error;

/// Why the signature of a delivery is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// The header that should prove it is missing.
    #[error("it has no {expected}")]
    Missing {
        /// The header that should be there.
        expected: &'static str,
    },
    /// The header can't be parsed, or is there twice.
    #[error("its {header} is malformed")]
    Malformed { header: &'static str },
    /// It was signed with another secret, or changed on the way.
    #[error("its {header} does not fit")]
    Wrong { header: &'static str },
    /// It was signed too long ago, or is from the future.
    #[error(
        "it was signed {seconds} seconds away from now: it may have been recorded, or a clock is wrong"
    )]
    NotNow {
        /// Distance between the signed time and now.
        seconds: u64,
    },
}

/// The outcome of a check of the code in `header`.
pub(super) fn found(fits: bool, header: &'static str) -> Result<(), SignatureError> {
    if fits {
        Ok(())
    } else {
        Err(SignatureError::Wrong { header })
    }
}

/// The value of a header that must be there once.
pub(super) fn single<'headers>(
    headers: &'headers HeaderMap,
    header: &'static str,
) -> Result<&'headers str, SignatureError> {
    let mut values = headers.get_all(header).iter();
    let value = values
        .next()
        .ok_or(SignatureError::Missing { expected: header })?;
    let malformed = SignatureError::Malformed { header };
    if values.next().is_some() {
        return Err(malformed);
    }
    value.to_str().map_err(|_| malformed)
}

/// The bytes that a header gives in hexadecimal digits behind `prefix`.
pub(super) fn hexadecimal(
    headers: &HeaderMap,
    header: &'static str,
    prefix: &str,
) -> Result<Vec<u8>, SignatureError> {
    let malformed = || SignatureError::Malformed { header };
    let digits = single(headers, header)?
        .strip_prefix(prefix)
        .ok_or_else(malformed)?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if digits.is_empty() || digits.len() % 2 != 0 || !is_hexadecimal {
        return Err(malformed());
    }
    let pairs = (0..digits.len()).step_by(2);
    let bytes = pairs.map(|start| u8::from_str_radix(&digits[start..start + 2], 16).ok());
    bytes.collect::<Option<Vec<u8>>>().ok_or_else(malformed)
}
