//! Joins bytes in hexadecimal that are separated from each other: `6b:65:74`, `6b 65 74`, `\\x6b\\x65\\x74`.

use super::joined::Joined;

/// Minimum number of bytes in a row. A shorter row may be the MAC address of a network card.
const FEWEST: usize = 8;

/// Minimum length of a row: two digits for each byte, with at least one separator character between two bytes.
const SHORTEST_ROW: usize = 2 * FEWEST + (FEWEST - 1);

/// The separators between two bytes.
const SEPARATORS: [&[u8]; 6] = [b":", b" ", b"-", b"\\x", b", 0x", b",0x"];

/// The rows of separated bytes in `content`, each without its separators.
pub(super) fn separated_hex(content: &[u8]) -> Vec<Joined> {
    let mut all = Vec::new();
    let mut place = 0;
    while let Some(shortest) = content.get(place..place + SHORTEST_ROW) {
        // A row can't contain a byte that is neither a digit nor part of a separator. Most texts have such a byte near
        // the end of this stretch, so most of the stretch is skipped at once.
        if let Some(other) = shortest.iter().rposition(|&byte| !stands_in_rows(byte)) {
            place += other + 1;
            continue;
        }
        if !is_pair(content, place) {
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

/// True for a hexadecimal digit and for each byte of a separator.
fn stands_in_rows(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || b": -\\x,".contains(&byte)
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

    #[test]
    fn a_row_is_found_wherever_it_begins_and_ends() {
        let row = "6b:65:74:74:6c:65:34:64";
        for before in 0..40 {
            for after in [0, 1, 30] {
                for other in ["g", " ", "\n"] {
                    let text = [&other.repeat(before), row, &other.repeat(after)].concat();
                    let rows = separated_hex(text.as_bytes());
                    assert_eq!(rows.len(), 1, "{text}");
                    assert_eq!(rows[0].offset(0), before, "{text}");
                }
            }
        }
    }
}
