//! Text as it may be shown: nothing in it misleads its reader.

use std::borrow::Cow;

use crate::repository::misleads;

/// Escapes every character that would mislead the reader: names, paths and messages of a daemon may come from an attacker.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(misleads) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if misleads(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_mislead_a_terminal_is_escaped_and_the_rest_is_not() {
        for text in ["", "web/stack.yml:3: Schlüssel „a“ \\n", "日本 \u{1f511}"] {
            assert_eq!(visible(text), text);
        }
        assert_eq!(
            visible("a\u{1b}[31m\nhs-secrets: error: b\r\t\0\u{7f}\u{9b}\u{202e}c"),
            "a\\u{1b}[31m\\nhs-secrets: error: b\\r\\t\\u{0}\\u{7f}\\u{9b}\\u{202e}c"
        );
    }
}
