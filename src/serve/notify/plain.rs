//! Texts in which nothing is a format or a mention, whoever has written them.

/// Stands behind an `@`, so that no name follows it. It has no width.
const NOTHING: char = '\u{200b}';

/// For Slack: `&`, `<` and `>` begin everything that is more than text there, mentions and links included.
pub(super) fn for_slack(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    let text = text.replace('<', "&lt;").replace('>', "&gt;");
    without_mentions(&text)
}

/// For Discord: a backslash before what would be Markdown.
pub(super) fn for_discord(text: &str) -> String {
    const MARKDOWN: &str = "\\`*_~|<>[]()#-:";
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if MARKDOWN.contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    without_mentions(&escaped)
}

/// For Matrix, and for servers that understand Slack's messages in their own way.
pub(super) fn without_mentions(text: &str) -> String {
    text.replace('@', &format!("@{NOTHING}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_pings_and_nothing_is_formatted() {
        let text = "<!channel> & *@here* [x](https://h)";
        assert_eq!(
            for_slack(text),
            "&lt;!channel&gt; &amp; *@\u{200b}here* [x](https://h)"
        );
        assert_eq!(
            for_discord(text),
            "\\<!channel\\> & \\*@\u{200b}here\\* \\[x\\]\\(https\\://h\\)"
        );
        assert_eq!(without_mentions("@room"), "@\u{200b}room");
    }
}
