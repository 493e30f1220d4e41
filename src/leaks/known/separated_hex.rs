//! Joins bytes in hexadecimal digits that stand apart: `6b:65:74`, `6b 65 74`, `\\x6b\\x65\\x74`.

use super::joined::Joined;

/// Minimum number of bytes: a shorter row may be an address of a network card.
const FEWEST: usize = 8;

/// The texts between the digits of two bytes.
const SEPARATORS: [&[u8]; 6] = [b":", b" ", b"-", b"\\x", b", 0x", b",0x"];

/// The rows of separated bytes in `content`, each without its separators.
pub(super) fn separated_hex(content: &[u8]) -> Vec<Joined> {
    let mut all = Vec::new();
    let mut place = 0;
    while place + 2 < content.len() {
        // Few places have two digits. The second one is looked at first: where it is none, no pair begins there either.
        if !content[place + 1].is_ascii_hexdigit() {
            place += 2;
            continue;
        }
        if !content[place].is_ascii_hexdigit() {
            place += 1;
            continue;
        }
        let separator = SEPARATORS.iter().find(|separator| {
            content[place + 2..].starts_with(separator)
                && is_pair(content, place + 2 + separator.len())
        });
        let Some(separator) = separator else {
            place += 1;
            continue;
        };
        let stride = 2 + separator.len();
        let mut number = 1;
        while content[place + number * stride - separator.len()..].starts_with(separator)
            && is_pair(content, place + number * stride)
        {
            number += 1;
        }
        if number >= FEWEST {
            all.push(Joined::of_regular(content, place, number, 2, stride));
        }
        place += (number - 1) * stride + 1;
    }
    all
}

/// True if two hexadecimal digits stand at `place`.
fn is_pair(content: &[u8], place: usize) -> bool {
    let pair = content.get(place..place + 2);
    pair.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_joined_whatever_separates_their_bytes() {
        for text in [
            "key: 6b:65:74:74:6c:65:34:64:72",
            "6b 65 74 74 6c 65 34 64 72 |kettle",
            "\\x6b\\x65\\x74\\x74\\x6c\\x65\\x34\\x64\\x72\"",
            "{0x6b, 0x65, 0x74, 0x74, 0x6c, 0x65, 0x34, 0x64, 0x72}",
        ] {
            let rows = separated_hex(text.as_bytes());
            assert_eq!(rows.len(), 1, "{text}");
            assert_eq!(rows[0].text, b"6b6574746c65346472", "{text}");
            let last = rows[0].offset(17);
            assert_eq!(&text[last - 1..=last], "72", "{text}");
        }
        assert!(separated_hex(b"link/ether 52:54:00:ab:cd:ef brd").is_empty());
        assert!(separated_hex(b"").is_empty());
    }
}
