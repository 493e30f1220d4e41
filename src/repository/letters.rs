//! Characters that can mislead the reader of a name or text that others have written.

/// True for characters that move the cursor, end a line, change the direction of text or are invisible. With them, a
/// line could look like another one.
pub(crate) fn misleads(letter: char) -> bool {
    let hides = matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    letter.is_control() || hides
}

/// The text without misleading characters.
pub(crate) fn without_misleading(text: &str) -> String {
    text.chars().filter(|letter| !misleads(*letter)).collect()
}

/// The text in double quotes, without misleading characters. Quotes in it are escaped, so its end is always visible.
pub(crate) fn quoted(text: &str) -> String {
    let shown = without_misleading(text);
    format!("\"{}\"", shown.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_is_there() {
        for text in [
            "Alice (new laptop) <a@example.org>",
            "Schlüssel „a“",
            "日本 \u{1f511}",
        ] {
            assert_eq!(without_misleading(text), text);
        }
        let text = "a\u{1b}[2J\r\nb\u{202e}c\u{200b}d\u{feff}e\u{e0041}f\u{9b}";
        assert_eq!(without_misleading(text), "a[2Jbcdef");
        // Characters that appear as a blank, or as nothing.
        let text = "g\u{ad}h\u{34f}i\u{115f}j\u{2800}k\u{3164}l\u{fe0f}m";
        assert_eq!(without_misleading(text), "ghijklm");
    }

    #[test]
    fn a_quoted_text_can_not_seem_to_end() {
        for (text, shown) in [
            ("alice", r#""alice""#),
            (r#"a", attested"#, r#""a\", attested""#),
            (r"a\", r#""a\\""#),
        ] {
            assert_eq!(quoted(text), shown);
        }
    }
}
