//! Text in UTF-16, as Windows writes it: without this, each of its letters would stand beside a NUL byte.

use thiserror::Error;
use zeroize::Zeroizing;

/// The text does not fit into memory: it can be half as long again as the content.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("it is UTF-16, and there is not enough memory to decode it")]
pub(crate) struct TooLong;

/// True if `content` begins with a byte order mark of UTF-16.
pub(crate) fn is_marked(content: &[u8]) -> bool {
    content.starts_with(&[0xFF, 0xFE]) || content.starts_with(&[0xFE, 0xFF])
}

/// The text of a content that begins with a byte order mark, in UTF-8 and without the mark; what is broken in it is
/// replaced.
pub(crate) fn decoded(content: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, TooLong> {
    let (body, unit): (_, fn([u8; 2]) -> u16) = match content {
        [0xFF, 0xFE, body @ ..] => (body, u16::from_le_bytes),
        [0xFE, 0xFF, body @ ..] => (body, u16::from_be_bytes),
        _ => return Ok(None),
    };
    let units = body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    // At most three bytes for two: nothing is left behind by growing.
    let mut text = Zeroizing::new(Vec::new());
    let longest = body.len() / 2 * 3;
    text.try_reserve_exact(longest).map_err(|_| TooLong)?;
    let mut letter_bytes = Zeroizing::new([0; 4]);
    for letter in char::decode_utf16(units) {
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(letter.encode_utf8(&mut *letter_bytes).as_bytes());
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_are_read_and_anything_else_is_left_alone() {
        let text = "pässword=😀\n";
        for (mark, bytes) in [
            ([0xFF, 0xFE], u16::to_le_bytes as fn(u16) -> [u8; 2]),
            ([0xFE, 0xFF], u16::to_be_bytes),
        ] {
            let units = text.encode_utf16().flat_map(bytes);
            let content: Vec<u8> = mark.into_iter().chain(units).collect();
            let decoded = decoded(&content).expect("it is short");
            assert_eq!(decoded.as_deref().map(Vec::as_slice), Some(text.as_bytes()));
        }
        assert_eq!(decoded(text.as_bytes()), Ok(None));
        assert_eq!(decoded(b"\xFF\xFE"), Ok(Some(Zeroizing::default())));
    }
}
