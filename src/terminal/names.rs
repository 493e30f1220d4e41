//! File names in a form that a terminal shows faithfully.

use std::borrow::Cow;

use crate::repository::misleads;

/// The name unchanged if a terminal shows every character of it as it is. Otherwise in double quotes and escaped as Git does
/// it (git-config(1), `core.quotePath=false`).
pub(super) fn quoted(name: &[u8]) -> Cow<'_, [u8]> {
    let mut escaped = Vec::with_capacity(name.len() + 2);
    escaped.push(b'"');
    for part in name.utf8_chunks() {
        for letter in part.valid().chars() {
            let mut bytes = [0; 4];
            let bytes = letter.encode_utf8(&mut bytes).as_bytes();
            match escape_of(letter) {
                Some(escape) => escaped.extend([b'\\', escape]),
                None if misleads(letter) => escape_bytes(&mut escaped, bytes),
                None => escaped.extend(bytes),
            }
        }
        escape_bytes(&mut escaped, part.invalid());
    }
    escaped.push(b'"');
    if escaped.len() == name.len() + 2 {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(escaped)
    }
}

/// The letter after the backslash in the escape of this character, such as `n` for a newline.
fn escape_of(letter: char) -> Option<u8> {
    Some(match letter {
        '\u{7}' => b'a',
        '\u{8}' => b'b',
        '\t' => b't',
        '\n' => b'n',
        '\u{b}' => b'v',
        '\u{c}' => b'f',
        '\r' => b'r',
        '"' => b'"',
        '\\' => b'\\',
        _ => return None,
    })
}

fn escape_bytes(escaped: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        escaped.extend(format!("\\{byte:03o}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_shows_as_what_it_is_stays_as_it_is() {
        for name in ["web/secret/db", "a b.key", "Schlüssel", "日本", ""] {
            assert_eq!(*quoted(name.as_bytes()), *name.as_bytes());
        }
    }

    #[test]
    fn any_other_is_quoted_as_git_does_it() {
        for (name, expected) in [
            (&b"a\nb"[..], r#""a\nb""#),
            (b"\x1b[31m\x7f", r#""\033[31m\177""#),
            (b"say \"a\\b\"", r#""say \"a\\b\"""#),
            (b"\xff\xc3\xa4", "\"\\377ä\""),
            ("\u{202e}yek".as_bytes(), r#""\342\200\256yek""#),
        ] {
            assert_eq!(*quoted(name), *expected.as_bytes());
        }
    }
}
