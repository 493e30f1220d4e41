//! The rules for settings: a secret under a name that says so, or where a URL or a header has its place.

use super::encoded::{encoded_text, has_password, is_login};
use super::secret_names::is_named_secret;
use super::value::{is_mixed, is_placeholder, is_public, is_random, is_template, is_wordy};
use crate::format::is_base64;

/// How values are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Settings: a value may stand without quotes.
    Settings,
    /// A program or text: only quoted strings are values.
    Program,
}

/// Endings of settings files, and names of some without one.
const SETTINGS: [&str; 27] = [
    "env",
    "ini",
    "cfg",
    "conf",
    "cnf",
    "config",
    "properties",
    "yml",
    "yaml",
    "toml",
    "tfvars",
    "netrc",
    "npmrc",
    "pypirc",
    "pgpass",
    "htpasswd",
    "service",
    "container",
    "sh",
    "bash",
    "dockerfile",
    "envrc",
    "credentials",
    "auth",
    "secret",
    "txt",
    "http",
];

/// No name or value worth looking at is longer.
const LONGEST_NAME: usize = 60;
const LONGEST_VALUE: usize = 200;
/// Shorter tokens in a header are mostly examples.
const SHORTEST_BEARER: usize = 20;

impl Dialect {
    /// The dialect of a file of this name.
    pub(crate) fn of_path(path: &[u8]) -> Self {
        let name = path
            .rsplit(|&byte| byte == b'/')
            .next()
            .unwrap_or(path)
            .to_ascii_lowercase();
        let settings = name
            .split(|&byte| byte == b'.')
            .any(|part| SETTINGS.iter().any(|ending| ending.as_bytes() == part));
        if settings {
            Self::Settings
        } else {
            Self::Program
        }
    }
}

/// The value that is assigned to the name around `hit` (where a sensitive word stands), if it looks like a secret.
pub(crate) fn secret_assigned_at(
    content: &[u8],
    hit: usize,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let (start, end) = name_around(content, hit);
    let name = &content[start..end];
    // The last part of `Provider::Service::Name` names a type.
    if name.len() > LONGEST_NAME || content[..start].ends_with(b"::") {
        return None;
    }
    let connection_string =
        content[end..].starts_with(b"=") && in_connection_string(content, start);
    let value_start = value_behind(content, end)
        .or_else(|| (dialect == Dialect::Settings).then(|| word_behind(content, end))?)?;
    // Where the name is cheap to refuse, nothing else is looked at.
    let line_end = (value_start + LONGEST_VALUE).min(content.len());
    let rest = &content[value_start..line_end];
    let rest = &rest[..rest
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(rest.len())];
    let (from, to) = match rest.first()? {
        quote @ (b'"' | b'\'' | b'`') => {
            let length = rest[1..].iter().position(|byte| byte == quote)?;
            (1, 1 + length)
        }
        _ if connection_string => {
            let ends = |byte: &u8| b";\"'`".contains(byte);
            (0, rest.iter().position(ends).unwrap_or(rest.len()))
        }
        _ if dialect == Dialect::Settings => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b",;\"'<>()[]{}".contains(byte);
            (0, rest.iter().position(ends).unwrap_or(rest.len()))
        }
        _ => return None,
    };
    let value = &rest[from..to];
    if is_sealed(value, to < LONGEST_VALUE) {
        return None;
    }
    let looks_secret = match encoded_text(value) {
        // A login is judged by its password; below `auth` it may be as short as it likes.
        Some(text) if is_login(&text) => {
            let is_of_registry = name.to_ascii_lowercase().ends_with(b"auth");
            (is_of_registry || looks_like_secret(value)) && has_password(&text)
        }
        Some(text) => looks_like_secret(value) && !is_stand_in(&text),
        None => looks_like_secret(value),
    };
    (looks_secret && is_named_secret(name)).then_some((value_start + from, value_start + to))
}

/// The password of the URL whose `://` stands at `hit`.
pub(crate) fn password_in_url(content: &[u8], hit: usize) -> Option<(usize, usize)> {
    let start = hit + 3;
    let rest = &content[start..(start + LONGEST_VALUE).min(content.len())];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'<>`|\\,()".contains(byte);
    let authority = &rest[..rest.iter().position(ends)?];
    let at = authority.iter().rposition(|&byte| byte == b'@')?;
    let colon = authority[..at].iter().position(|&byte| byte == b':')?;
    let password = &authority[colon + 1..at];
    let plain = password.len() >= 6
        && colon > 0
        && !is_placeholder(password)
        && !(password.iter().all(u8::is_ascii_alphabetic) && password.len() < 12)
        && !password.iter().all(|byte| b"*.x-_".contains(byte));
    (plain && (is_random(password) || !is_wordy(password)))
        .then_some((start + colon + 1, start + at))
}

/// The end of the token that begins at `start`, behind `Bearer `.
pub(crate) fn bearer_at(content: &[u8], start: usize) -> Option<usize> {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let length = content[start..]
        .iter()
        .take(LONGEST_VALUE)
        .take_while(part)
        .count();
    let token = &content[start..start + length];
    (length >= SHORTEST_BEARER && looks_like_secret(token)).then_some(start + length)
}

fn looks_like_secret(value: &[u8]) -> bool {
    (8..=LONGEST_VALUE).contains(&value.len())
        && (is_random(value) || is_mixed(value))
        && !is_placeholder(value)
        && !is_public(value)
        && !is_wordy(value)
        && !value.iter().any(|byte| b" \\(){}[]<>|;".contains(byte))
}

/// True if a decoded `text` only stands for a secret: one word, not a document in which such a word is found.
fn is_stand_in(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let is_one_word = !text.iter().any(|byte| b" \t\r\n:={\"".contains(byte));
    is_template(text) || (is_one_word && is_placeholder(text))
}

/// True for the beginning of a value that kubeseal has encrypted; `is_whole` ones are too short for that.
fn is_sealed(value: &[u8], is_whole: bool) -> bool {
    !is_whole
        && value.starts_with(b"Ag")
        && value.get(2).is_some_and(|third| b"ABCD".contains(third))
        && value.iter().all(|&byte| is_base64(byte))
}

/// The identifier around `hit`.
fn name_around(content: &[u8], hit: usize) -> (usize, usize) {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let before = content[..hit]
        .iter()
        .rev()
        .take(LONGEST_NAME)
        .take_while(|byte| part(byte))
        .count();
    let behind = content[hit..]
        .iter()
        .take(LONGEST_NAME)
        .take_while(|byte| part(byte))
        .count();
    (hit - before, hit + behind)
}

/// True behind the semicolon of `Server=db;Password=…`.
fn in_connection_string(content: &[u8], start: usize) -> bool {
    content[..start].trim_ascii_end().ends_with(b";")
}

/// Where the value begins that only a blank parts from a name that ends at `end`: `ENV NAME value`, `requirepass value`.
/// It must be the last word in its line.
fn word_behind(content: &[u8], end: usize) -> Option<usize> {
    let line = &content[end..(end + LONGEST_VALUE).min(content.len())];
    let line = line.split(|&byte| byte == b'\n').next()?;
    let word = line.trim_ascii();
    let plain = !word.is_empty() && !word.iter().any(u8::is_ascii_whitespace);
    (plain && line.first().is_some_and(u8::is_ascii_whitespace))
        .then(|| end + line.len() - line.trim_ascii_start().len())
}

/// Where the value begins that is assigned to a name that ends at `end`: behind `=`, `:`, `:=` or `=>`.
fn value_behind(content: &[u8], end: usize) -> Option<usize> {
    let blank = |from: usize| {
        from + content[from..]
            .iter()
            .take_while(|byte| b" \t".contains(byte))
            .count()
    };
    let mut place = end;
    if matches!(content.get(place), Some(b'"' | b'\'')) {
        place += 1;
    }
    place = blank(place);
    let rest = content.get(place..)?;
    let sign = [&b":="[..], b"=>", b"=", b":"]
        .into_iter()
        .find(|sign| rest.starts_with(sign))?;
    if rest.starts_with(b"==") || rest.starts_with(b"::") {
        return None;
    }
    Some(blank(place + sign.len()))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn assigned(text: &str, dialect: Dialect) -> Option<&str> {
        let lower = text.to_ascii_lowercase();
        let hit = ["password", "token", "secret", "key", "auth"]
            .iter()
            .find_map(|word| lower.find(word))?;
        secret_assigned_at(text.as_bytes(), hit, dialect).map(|(start, end)| &text[start..end])
    }

    #[test]
    fn assigned_secrets_are_found_in_many_notations() {
        for text in [
            "DB_PASSWORD=x7Kp2vQ9mR4t",
            "password: x7Kp2vQ9mR4t",
            "\"authToken\": \"x7Kp2vQ9mR4t\",",
            "let api_secret = 'x7Kp2vQ9mR4t';",
            "client_secret := \"x7Kp2vQ9mR4t\"",
            "ENV DB_PASSWORD x7Kp2vQ9mR4t\nRUN make",
            "  password x7Kp2vQ9mR4t\n",
            "Server=db;Password=x7Kp2vQ9mR4t;Timeout=5",
        ] {
            assert_eq!(
                assigned(text, Dialect::Settings),
                Some("x7Kp2vQ9mR4t"),
                "{text}"
            );
        }
    }

    #[test]
    fn encoded_values_are_judged_by_their_content_and_found_where_it_may_be_a_secret() {
        let encoded = |name: &str, text: &str| format!("{name}={}\n", STANDARD.encode(text));
        for (name, text) in [
            (
                "DB_SECRET",
                r#"{"user":"web","password":"9fKx82hQpL0zAb31Qw7"}"#,
            ),
            (
                "DB_SECRET",
                r#"{"host":"db.example.com","pw":"9fKx82hQpL0zAb31"}"#,
            ),
            ("REGISTRY_AUTH", "8f14e45fceea167a5a36dedd4bea2543"),
            (
                "REGISTRY_AUTH",
                r#"{"user":"u","password":"9fKx82hQpL0zAb31"}"#,
            ),
            ("REGISTRY_AUTH", "deploy:summerhouse"),
            ("DB_SECRET", "deploy:9fKx82hQpL0zAb31"),
        ] {
            let line = encoded(name, text);
            assert!(
                assigned(&line, Dialect::Settings).is_some(),
                "{name} {text}"
            );
        }
        for (name, text) in [
            ("REGISTRY_AUTH", "username:password"),
            ("DB_SECRET", "username:password"),
            ("DB_SECRET", "your-password-here"),
            ("DB_SECRET", "${PASSWORD}"),
        ] {
            let line = encoded(name, text);
            assert_eq!(assigned(&line, Dialect::Settings), None, "{name} {text}");
        }
        // Only a value without an end looks sealed, however long its line is.
        let line = format!(
            "password: AgBx7Kp2vQ9mR4t # {}\n",
            "x ".repeat(LONGEST_VALUE)
        );
        assert_eq!(assigned(&line, Dialect::Settings), Some("AgBx7Kp2vQ9mR4t"));
    }

    #[test]
    fn code_and_references_are_passed_over() {
        for text in [
            "\"Server=db;Password=${DB_PASSWORD};\"",
            "the password Tr0ub4dor&3x is a good one",
            "ENV DB_PASSWORD x7Kp2vQ9mR4t",
            "password = get_password(user1)",
            "token: TokenStream2",
            "secret = os.environ[\"X7Kp2vQ9mR4t\"]",
            "password: ${DB_PASSWORD}",
            "token == \"x7Kp2vQ9mR4t\"",
            "password_file: /run/secrets/x7Kp2vQ9",
            "let token = x7Kp2vQ9mR4t;",
            "key = \"content-type\"",
        ] {
            assert_eq!(assigned(text, Dialect::Program), None, "{text}");
        }
    }

    #[test]
    fn passwords_in_urls_are_told_from_placeholders() {
        let found = |text: &str| {
            let hit = text.find("://").expect("a URL");
            password_in_url(text.as_bytes(), hit).map(|(start, end)| text[start..end].to_owned())
        };
        assert_eq!(
            found("postgres://viktor:x7Kp2vQ9mR@db/x "),
            Some("x7Kp2vQ9mR".into())
        );
        for text in [
            "https://user:password@host/",
            "http://a:${B}@c/",
            "ssh://git@host:22/x",
            "https://u:pass@h/",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
