//! The newline at the end of a secret that has one line. Many programs take it for a part of the password.

use crate::secret::SecretBytes;

/// Maximum length in bytes of a line that may be a single value, such as a password.
const LONGEST_VALUE: usize = 1024;

/// A content of one line, without its line ending. Content of several lines is unchanged.
pub(super) fn stripped(content: SecretBytes) -> SecretBytes {
    let first = {
        let mut bytes = content.expose_chunks().flatten();
        bytes.position(|&byte| byte == b'\n')
    };
    let Some(mut left) = first.filter(|first| first + 1 == content.len()) else {
        return content;
    };
    let before = left.checked_sub(1);
    let before = before.and_then(|at| content.expose_chunks().flatten().nth(at));
    left -= usize::from(before == Some(&b'\r'));
    let mut stripped = SecretBytes::default();
    for chunk in content.expose_chunks() {
        let taken = left.min(chunk.len());
        stripped.append(&chunk[..taken]);
        left -= taken;
    }
    stripped
}

/// True if the content is one value, such as a password or a token, followed by a line ending. False for a name with a value
/// or hash, for several words, and for JSON.
pub(super) fn is_value_with_newline(content: SecretBytes) -> bool {
    let length = content.len();
    let mut line = stripped(content);
    if line.len() == length || line.len() > LONGEST_VALUE {
        return false;
    }
    let Ok(text) = std::str::from_utf8(line.expose()) else {
        return false;
    };
    let is_url = text.contains("://");
    !text.is_empty()
        && !text.contains(char::is_whitespace)
        && !text.starts_with(['{', '[', '<', '#'])
        && (is_url || !is_pair(text, ':') && !is_pair(text, '='))
}

/// True if the text is a name and a value with `sign` between them. Signs at the end do not count, since they are the
/// padding of base64.
fn is_pair(text: &str, sign: char) -> bool {
    text.split_once(sign)
        .is_some_and(|(name, value)| !name.is_empty() && !value.trim_matches(sign).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_only_line_is_taken_away() {
        for (content, expected) in [
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            ("hunter2", "hunter2"),
            ("hunter2\r", "hunter2\r"),
            ("one\ntwo\n", "one\ntwo\n"),
            ("hunter2\n\n", "hunter2\n\n"),
            ("\n", ""),
            ("\r\n", ""),
            ("", ""),
        ] {
            let mut stripped = stripped(SecretBytes::copy_of(content.as_bytes()));
            assert_eq!(stripped.expose(), expected.as_bytes());
        }
    }

    #[test]
    fn one_bare_value_is_told_from_other_files_of_one_line() {
        for (content, expected) in [
            ("hunter2\n", true),
            ("hunter2\r\n", true),
            ("c2VjcmV0Zg==\n", true),
            ("$2y$10$abcdefghijklmnopqrstuv\n", true),
            ("https://user:password@hooks.example.org/x?y=z\n", true),
            ("hunter2", false),
            ("\n", false),
            ("admin:$apr1$x$abcdefgh\n", false),
            ("db:5432:app:app:hunter2\n", false),
            ("PASSWORD=hunter2\n", false),
            ("{\"password\":\"hunter2\"}\n", false),
            ("correct horse\n", false),
            ("one\ntwo\n", false),
            ("\u{0}\u{ff}\n", true),
        ] {
            let found = is_value_with_newline(SecretBytes::copy_of(content.as_bytes()));
            assert_eq!(found, expected, "{content:?}");
        }
        let long = format!("{}\n", "x".repeat(LONGEST_VALUE + 1));
        assert!(!is_value_with_newline(SecretBytes::copy_of(
            long.as_bytes()
        )));
        assert!(!is_value_with_newline(SecretBytes::copy_of(b"\xff\xfe\n")));
    }
}
