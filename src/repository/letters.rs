//! Letters of names and texts from anywhere that would mislead their reader.

/// True for characters that move the cursor, end a line, turn the direction of text or are invisible: with them a line could
/// be shown as another one.
pub(crate) fn misleads(letter: char) -> bool {
    let hides = matches!(
        letter,
        '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    letter.is_control() || hides
}

/// The text without such letters.
pub(crate) fn without_misleading(text: &str) -> String {
    text.chars().filter(|letter| !misleads(*letter)).collect()
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
    }
}
