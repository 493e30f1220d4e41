//! Escapes text from others, in which nothing may become markup or a mention.

/// A character without width. Behind an `@`, it keeps the name that follows from being a mention.
const NOTHING: char = '\u{200b}';

/// The text for Slack, where `&`, `<` and `>` begin all markup, including mentions and links.
pub(super) fn for_slack(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    let text = text.replace('<', "&lt;").replace('>', "&gt;");
    without_mentions(&text)
}

/// The text for Discord, with a backslash before each character of Markdown.
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

/// The text without mentions, for Matrix and for servers that read Slack's messages in their own way.
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
