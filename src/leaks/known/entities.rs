//! Decodes lines in which markup writes characters as numbers: `kR8&#38;vmQ2`, `&#x6b;R8`.

use super::joined::Joined;

/// How many bytes before and after such a character are decoded with it. Values are shorter.
const REACH: usize = 1 << 10;

/// Maximum length of such a character with its `&#` and `;`.
const LONGEST: usize = 10;

/// The parts of `content` that have characters written as numbers, each decoded.
pub(super) fn decoded_entities(content: &[u8]) -> Vec<Joined> {
    let mut all: Vec<Joined> = Vec::new();
    // Most texts have no such characters; this quick test finds that out.
    if std::str::from_utf8(content).is_ok_and(|text| !text.contains("&#")) {
        return all;
    }
    let mut pieces: Vec<(Vec<u8>, usize)> = Vec::new();
    // The end of the last letter that was read.
    let mut read_to = 0;
    let mut rest = 0;
    while let Some(sign) = content[rest..].iter().position(|&byte| byte == b'&') {
        let start = rest + sign;
        rest = start + 1;
        let Some((letter, end)) = letter_at(content, start) else {
            continue;
        };
        if !pieces.is_empty() && start - read_to > REACH {
            let behind = content[read_to..read_to + REACH].to_vec();
            pieces.push((behind, read_to));
            all.push(Joined::of_texts(std::mem::take(&mut pieces)));
        }
        let from = read_to.max(start.saturating_sub(REACH));
        pieces.push((content[from..start].to_vec(), from));
        pieces.push((letter, start));
        read_to = end;
        rest = end;
    }
    if !pieces.is_empty() {
        let end = content.len().min(read_to + REACH);
        pieces.push((content[read_to..end].to_vec(), read_to));
        all.push(Joined::of_texts(pieces));
    }
    all
}

/// The bytes of the character that is written as a number at `start`, and where it ends.
fn letter_at(content: &[u8], start: usize) -> Option<(Vec<u8>, usize)> {
    let inside = content[start..].strip_prefix(b"&#")?;
    let length = inside.iter().take(LONGEST).position(|&byte| byte == b';')?;
    let digits = std::str::from_utf8(&inside[..length]).ok()?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let letter = char::from_u32(number.ok()?)?;
    Some((letter.to_string().into_bytes(), start + 2 + length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_in_both_notations_with_the_text_around_them() {
        let content = b"<p>kR8&#38;vm&#x51;2 &amp; &#; &#x;</p>";
        let read = decoded_entities(content);
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].text, b"<p>kR8&vmQ2 &amp; &#; &#x;</p>");
        assert_eq!(read[0].offset(3), 3);
        assert_eq!(read[0].offset(8), 12);
        assert_eq!(read[0].offset(9), 13);
        assert_eq!(read[0].offset(10), 19);
        assert!(decoded_entities(b"a & b &amp; c").is_empty());
    }

    #[test]
    fn letters_that_are_far_apart_are_read_apart() {
        let content = format!("&#107;{}&#82;", "x".repeat(3 * REACH));
        let lengths: Vec<usize> = decoded_entities(content.as_bytes())
            .iter()
            .map(|joined| joined.text.len())
            .collect();
        assert_eq!(lengths, [1 + REACH, REACH + 1]);
    }
}
