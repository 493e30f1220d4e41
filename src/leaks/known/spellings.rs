//! The ways in which a value can be written: verbatim, escaped, in base64, URL-encoded and in hexadecimal.

use base64::Engine;
use zeroize::Zeroizing;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Unchanged.
    Verbatim,
    /// With the escapes of JSON, XML, YAML, a shell or a stack file.
    Escaped,
    /// As part of a longer base64 text.
    Base64,
    /// Percent-encoded.
    Url,
    /// Hexadecimal digits.
    Hex,
    /// The bytes that a base64 line of a key stands for, as in DER.
    Decoded,
}

/// A value in one of its encodings.
pub(crate) struct Spelling {
    pub(crate) encoding: Encoding,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

/// Minimum length of the base64 spelling. A shorter one appears by chance.
const SHORTEST_BASE64: usize = 9;

/// Minimum length of a value in hexadecimal digits for which the bytes are searched for, too.
const SHORTEST_HEX: usize = 32;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Encoding {
    /// The words for it in a report; empty for an unchanged value.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Verbatim => "",
            Self::Escaped => ", escaped",
            Self::Base64 => ", base64-encoded",
            Self::Url => ", URL-encoded",
            Self::Hex => ", hex-encoded",
            Self::Decoded => ", in binary form",
        }
    }
}

/// All spellings of `value`, each once, the verbatim one first. For a line of a key, this includes the decoded bytes.
pub(crate) fn spellings(value: &[u8], is_of_key: bool) -> Vec<Spelling> {
    let mut all: Vec<Spelling> = Vec::new();
    let mut add = |encoding, bytes: Vec<u8>| {
        let bytes = Zeroizing::new(bytes);
        if !all.iter().any(|spelling| spelling.bytes == bytes) {
            all.push(Spelling { encoding, bytes });
        }
    };
    add(Encoding::Verbatim, value.to_vec());
    if let Some(bytes) = is_of_key.then(|| decoded(value)).flatten() {
        add(Encoding::Decoded, bytes);
    }
    for (encoding, bytes) in other_forms_of_hex(value) {
        add(encoding, bytes);
    }
    for escape in ESCAPES {
        add(Encoding::Escaped, replaced(value, escape));
    }
    add(Encoding::Escaped, json_in_ascii(value));
    for alphabet in [STANDARD, URL_SAFE] {
        for offset in 0..3 {
            let bytes = base64_within(value, offset, alphabet);
            if bytes.len() >= SHORTEST_BASE64 {
                add(Encoding::Base64, bytes);
            }
        }
    }
    for kept in [&b"-_.~"[..], b"-_.~!*'()"] {
        for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
            add(Encoding::Url, percent_encoded(value, kept, digits));
            // HTML forms write a plus sign for a space.
            let form = percent_encoded(value, &[kept, b" "].concat(), digits);
            let plus = form
                .iter()
                .map(|&byte| if byte == b' ' { b'+' } else { byte });
            add(Encoding::Url, plus.collect());
        }
    }
    for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
        add(
            Encoding::Hex,
            value.iter().flat_map(|&byte| hex(byte, digits)).collect(),
        );
    }
    all
}

/// For a value in hexadecimal digits: the digits in the other case, and the bytes that they stand for.
fn other_forms_of_hex(value: &[u8]) -> Vec<(Encoding, Vec<u8>)> {
    let is_hex = value.iter().all(u8::is_ascii_hexdigit);
    if !is_hex || value.len() < SHORTEST_HEX || !value.len().is_multiple_of(2) {
        return Vec::new();
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    let bytes = value.chunks_exact(2);
    let bytes = bytes.map(|pair| digit(pair[0]) << 4 | digit(pair[1]));
    vec![
        (Encoding::Hex, value.to_ascii_uppercase()),
        (Encoding::Hex, value.to_ascii_lowercase()),
        (Encoding::Decoded, bytes.collect()),
    ]
}

/// The bytes that a line of a key encodes.
fn decoded(line: &[u8]) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(line).ok()
}

/// The part of a base64 text that depends on `value` alone, if `value` begins `offset` bytes after a multiple of three.
fn base64_within(value: &[u8], offset: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let first = (offset * 8).div_ceil(6);
    let end = (offset + value.len()) * 8 / 6;
    let bit = |position: usize| {
        let byte = value[position / 8 - offset];
        usize::from(byte >> (7 - position % 8) & 1)
    };
    (first..end)
        .map(|sextet| (0..6).fold(0, |sum, place| sum << 1 | bit(sextet * 6 + place)))
        .map(|index| alphabet[index])
        .collect()
}

fn percent_encoded(value: &[u8], kept: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(value.len() * 3);
    for &byte in value {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(byte);
        } else {
            encoded.push(b'%');
            encoded.extend(hex(byte, digits));
        }
    }
    encoded
}

fn hex(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [
        digits[usize::from(byte >> 4)],
        digits[usize::from(byte & 15)],
    ]
}

fn replaced(value: &[u8], escape: Escape) -> Vec<u8> {
    let mut written = Vec::with_capacity(value.len() * 2);
    for &byte in value {
        match escape(byte) {
            Some(escaped) => written.extend_from_slice(escaped),
            None => written.push(byte),
        }
    }
    written
}

/// How a notation escapes a single byte; `None` if the byte stays as it is.
type Escape = fn(u8) -> Option<&'static [u8]>;

const ESCAPES: [Escape; 12] = [
    json_escape,
    json_escape_in_stack,
    json_escape_for_html,
    json_escape_of_slashes,
    xml_escape,
    xml_escape_of_text,
    xml_escape_by_number,
    yaml_escape,
    shell_escape,
    shell_escape_in_single_quotes,
    shell_escape_in_double_quotes,
    stack_escape,
];

/// JSON with all characters outside of ASCII escaped.
fn json_in_ascii(value: &[u8]) -> Vec<u8> {
    let mut written = Vec::with_capacity(value.len() * 6);
    for letter in String::from_utf8_lossy(value).chars() {
        match u8::try_from(letter).ok().filter(u8::is_ascii) {
            Some(byte) => written.extend_from_slice(json_escape(byte).unwrap_or(&[byte])),
            None => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    written.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
    written
}

fn json_escape(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'"' => b"\\\"",
        b'\\' => b"\\\\",
        b'\t' => b"\\t",
        _ => return None,
    })
}

/// JSON in a stack file, in which dollar signs are doubled.
fn json_escape_in_stack(byte: u8) -> Option<&'static [u8]> {
    stack_escape(byte).or(json_escape(byte))
}

/// JSON as written by Go.
fn json_escape_for_html(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'&' => b"\\u0026",
        b'<' => b"\\u003c",
        b'>' => b"\\u003e",
        _ => return json_escape(byte),
    })
}

/// JSON as written by PHP.
fn json_escape_of_slashes(byte: u8) -> Option<&'static [u8]> {
    match byte {
        b'/' => Some(b"\\/"),
        _ => json_escape(byte),
    }
}

fn xml_escape(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'"' => b"&quot;",
        b'\'' => b"&apos;",
        _ => return None,
    })
}

/// XML text between tags, in which quotes are not escaped.
fn xml_escape_of_text(byte: u8) -> Option<&'static [u8]> {
    xml_escape(byte).filter(|_| b"&<>".contains(&byte))
}

fn xml_escape_by_number(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'"' => b"&#34;",
        b'\'' => b"&#39;",
        _ => return xml_escape(byte),
    })
}

fn yaml_escape(byte: u8) -> Option<&'static [u8]> {
    (byte == b'\'').then_some(b"''")
}

/// A shell word without quotes around it.
fn shell_escape(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b' ' => b"\\ ",
        b'&' => b"\\&",
        b'<' => b"\\<",
        b'>' => b"\\>",
        b';' => b"\\;",
        b'|' => b"\\|",
        b'(' => b"\\(",
        b')' => b"\\)",
        b'\'' => b"\\'",
        b'!' => b"\\!",
        _ => return shell_escape_in_double_quotes(byte),
    })
}

fn shell_escape_in_single_quotes(byte: u8) -> Option<&'static [u8]> {
    (byte == b'\'').then_some(b"'\\''")
}

fn shell_escape_in_double_quotes(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'"' => b"\\\"",
        b'\\' => b"\\\\",
        b'$' => b"\\$",
        b'`' => b"\\`",
        _ => return None,
    })
}

/// A stack file, in which dollar signs are doubled.
fn stack_escape(byte: u8) -> Option<&'static [u8]> {
    (byte == b'$').then_some(b"$$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_at_each_alignment() {
        // The base64 texts were made with `printf … | base64`.
        for (whole, offset) in [
            (&b"czNjcjN0LVYmbHUz"[..], 0),
            (b"OnMzY3IzdC1WJmx1Mw==", 1),
            (b"YTpzM2NyM3QtViZsdTM=", 2),
        ] {
            let needle = base64_within(b"s3cr3t-V&lu3", offset, STANDARD);
            assert!(needle.len() >= 15, "{offset}");
            assert!(
                whole.windows(needle.len()).any(|window| window == needle),
                "{offset}"
            );
        }
    }

    #[test]
    fn each_spelling_stands_once() {
        let verbatim = spellings(b"abcdefgh1", false);
        assert_eq!(
            verbatim
                .iter()
                .filter(|spelling| spelling.encoding == Encoding::Verbatim)
                .count(),
            1
        );
        assert!(
            verbatim
                .iter()
                .all(|spelling| spelling.encoding != Encoding::Url)
        );
        assert!(
            verbatim
                .iter()
                .all(|spelling| spelling.encoding != Encoding::Escaped)
        );
        let texts: Vec<Vec<u8>> = spellings(b"p$ss/w'rd", false)
            .iter()
            .map(|spelling| spelling.bytes.to_vec())
            .collect();
        for text in [
            &b"p$$ss/w'rd"[..],
            b"p$ss/w''rd",
            b"p%24ss%2Fw%27rd",
            b"p%24ss%2fw'rd",
            b"702473732f77277264",
        ] {
            assert!(
                texts.iter().any(|spelled| spelled == text),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
    }
}
