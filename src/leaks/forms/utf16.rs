//! Text in UTF-16, as Windows writes it. It is decoded first, since every other byte of it would be NUL otherwise.

use thiserror::Error;
use zeroize::Zeroizing;

/// The decoded text does not fit into memory. It can be one and a half times as long as the content.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("it is UTF-16, and there is not enough memory to decode it")]
pub(crate) struct TooLong;

/// Makes a code unit from two bytes.
type Unit = fn([u8; 2]) -> u16;

/// How many bytes are looked at if there is no byte order mark.
const SAMPLE: usize = 512;
/// Minimum length of UTF-16 without a byte order mark.
const SHORTEST_UNMARKED: usize = 16;

/// True if `content` is in UTF-16.
pub(crate) fn is_in(content: &[u8]) -> bool {
    body_of(content).is_some()
}

/// The content after its byte order mark, if any, and how two bytes become a code unit; `None` if it is not UTF-16.
fn body_of(content: &[u8]) -> Option<(&[u8], Unit)> {
    match content {
        [0xFF, 0xFE, body @ ..] => Some((body, u16::from_le_bytes)),
        [0xFE, 0xFF, body @ ..] => Some((body, u16::from_be_bytes)),
        _ if is_plain(content, 0, 1) => Some((content, u16::from_le_bytes)),
        _ if is_plain(content, 1, 0) => Some((content, u16::from_be_bytes)),
        _ => None,
    }
}

/// True if in nearly all of the first pairs of bytes, the byte at index `letter` is ASCII text and the one at `zero` is zero.
fn is_plain(content: &[u8], letter: usize, zero: usize) -> bool {
    let sample = &content[..content.len().min(SAMPLE)];
    if sample.len() < SHORTEST_UNMARKED || content.get(zero) != Some(&0) {
        return false;
    }
    let is_letter = |byte: u8| byte.is_ascii_graphic() || b" \t\r\n".contains(&byte);
    let pairs = sample.chunks_exact(2);
    let number = pairs.len();
    let plain = pairs.filter(|pair| is_letter(pair[letter]) && pair[zero] == 0);
    plain.count() * 10 >= number * 9
}

/// The text of a content in UTF-16, as UTF-8 without a byte order mark. Invalid code units are replaced.
pub(crate) fn decoded(content: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, TooLong> {
    let Some((body, unit)) = body_of(content) else {
        return Ok(None);
    };
    let units = body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    // Two bytes become at most three. With this capacity the buffer never moves, so no copy is left in memory.
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
            let marked = decoded(&content).expect("it is short");
            assert_eq!(marked.as_deref().map(Vec::as_slice), Some(text.as_bytes()));
            // Without the mark, only a few letters may be of other alphabets.
            let plain = "password=summerhouse\r\n";
            let unmarked: Vec<u8> = plain.encode_utf16().flat_map(bytes).collect();
            let unmarked = decoded(&unmarked).expect("it is short");
            assert_eq!(
                unmarked.as_deref().map(Vec::as_slice),
                Some(plain.as_bytes())
            );
        }
        assert_eq!(decoded(text.as_bytes()), Ok(None));
        assert_eq!(decoded(b"\xFF\xFE"), Ok(Some(Zeroizing::default())));
    }
}
