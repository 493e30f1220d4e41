//! Passwords in URLs and in data source names.

use std::ops::Range;

use super::is_password;
use crate::leaks::forms::settings::chosen::is_chosen;
use crate::leaks::forms::settings::dialect::Dialect;
use crate::leaks::forms::settings::placeholders::is_placeholder;
use crate::leaks::forms::settings::value::{is_random, is_wordy};

/// Maximum length of a login with its host.
const LONGEST: usize = 200;
/// Minimum length of a password. Shorter ones are usually words in an example.
const SHORTEST: usize = 6;
/// Minimum length of a password that consists of letters only.
const SHORTEST_WORD: usize = 12;

/// The text between the login and the host in a data source name of Go's database drivers.
pub(crate) const DATA_SOURCE_ANCHORS: [&str; 2] = ["@tcp(", "@unix("];

/// The password of the URL whose `://` stands at `hit`.
pub(crate) fn password_in_url(
    content: &[u8],
    hit: usize,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let (user, place) = login_in_url(content, hit)?;
    let password = &content[place.clone()];
    let is_word = password.iter().all(u8::is_ascii_alphabetic) && password.len() < SHORTEST_WORD;
    let is_sample = is_placeholder(password) || password.iter().all(|byte| b"*.x-_".contains(byte));
    let is_kept = !is_sample && !is_word && (is_random(password) || !is_wordy(password));
    let is_chosen = dialect.has_chosen_values() && password != user && is_chosen(password);
    (password.len() >= SHORTEST && (is_kept || is_chosen)).then_some((place.start, place.end))
}

/// The user in the URL whose `://` stands at `hit`, and the range of the text after the user's colon.
pub(crate) fn login_in_url(content: &[u8], hit: usize) -> Option<(&[u8], Range<usize>)> {
    let start = hit + 3;
    let rest = &content[start..(start + LONGEST).min(content.len())];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'<>`|\\,()".contains(byte);
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let at = authority.iter().rposition(|&byte| byte == b'@')?;
    let colon = authority[..at].iter().position(|&byte| byte == b':')?;
    Some((&authority[..colon], start + colon + 1..start + at))
}

/// Length of the key in the URL that a program sends its errors to (Sentry's DSN).
const SENTRY_KEY: usize = 32;

/// The key in a Sentry URL whose `://` stands at `hit`: `key@host/project`.
pub(crate) fn sentry_key_in_url(content: &[u8], hit: usize) -> Option<Range<usize>> {
    let start = hit + 3;
    let rest = &content[start..(start + LONGEST).min(content.len())];
    let (key, rest) = rest.split_at_checked(SENTRY_KEY)?;
    let host = rest.strip_prefix(b"@")?;
    let is_of_host = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-.:".contains(byte);
    let length = host.iter().take_while(is_of_host).count();
    let project = host[length..].strip_prefix(b"/")?;
    let digits = project
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let goes_on = project
        .get(digits)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"/.-_".contains(byte));
    let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let is_key = key.iter().all(is_hex) && is_random(key) && !is_placeholder(key);
    (is_key && length > 0 && digits > 0 && !goes_on).then_some(start..start + SENTRY_KEY)
}

/// The password of `user:password@tcp(host)`, where `@tcp(` stands at `hit`.
pub(crate) fn password_in_data_source(
    content: &[u8],
    hit: usize,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let from = hit.saturating_sub(LONGEST);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`=/".contains(byte);
    let start = content[from..hit]
        .iter()
        .rposition(ends)
        .map_or(from, |end| from + end + 1);
    let colon = content[start..hit].iter().position(|&byte| byte == b':')?;
    let password = start + colon + 1;
    is_password(&content[password..hit], dialect).then_some((password, hit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, dialect: Dialect) -> Option<&str> {
        let hit = text.find("://").expect("a URL");
        password_in_url(text.as_bytes(), hit, dialect).map(|(start, end)| &text[start..end])
    }

    #[test]
    fn passwords_in_urls_are_told_from_placeholders() {
        for dialect in [Dialect::Program, Dialect::Settings] {
            for (text, password) in [
                ("postgres://viktor:x7Kp2vQ9mR@db/x ", "x7Kp2vQ9mR"),
                ("redis://:x7Kp2vQ9mR@cache", "x7Kp2vQ9mR"),
                ("amqp://a:Kx7$$token9vQ2mLp@mq/", "Kx7$$token9vQ2mLp"),
            ] {
                assert_eq!(found(text, dialect), Some(password), "{text}");
            }
            for text in [
                "https://user:password@host/",
                "http://a:${B}@c/",
                "ssh://git@host:22/x",
                "https://u:pass@h/",
                "postgres://postgres:postgres@localhost/x",
            ] {
                assert_eq!(found(text, dialect), None, "{text}");
            }
        }
        let chosen = "amqp://worker:bluebicycle@rabbit:5672//";
        assert_eq!(found(chosen, Dialect::Settings), Some("bluebicycle"));
        assert_eq!(found(chosen, Dialect::Program), None);
    }

    #[test]
    fn the_address_of_sentry_has_a_key() {
        let key = "3f8b1d6c9e2a47058c7b4e1f6a9d2c03";
        for (url, expected) in [
            (format!("https://{key}@o12.ingest.sentry.io/6789\""), true),
            (format!("https://{key}@sentry.lan:9000/2"), true),
            (format!("https://{key}@git.lan/berta/shop"), false),
            (format!("https://{key}@git.lan/2/x"), false),
            (
                format!("https://{}@o12.ingest.sentry.io/6789", "0".repeat(32)),
                false,
            ),
        ] {
            let found = sentry_key_in_url(url.as_bytes(), 5);
            assert_eq!(
                found.map(|place| &url[place]),
                expected.then_some(key),
                "{url}"
            );
        }
    }

    #[test]
    fn data_sources_have_passwords() {
        let text = "DSN=app:summerhouse@tcp(db:3306)/app";
        let hit = text.find("@tcp(").expect("a source");
        let found = password_in_data_source(text.as_bytes(), hit, Dialect::Settings);
        assert_eq!(
            found.map(|(start, end)| &text[start..end]),
            Some("summerhouse")
        );
    }
}
