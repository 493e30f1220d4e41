//! The rules for settings: a secret under a name that says so, a password in a URL, a hashed password.

use super::sensitive_key::is_named_secret;
use super::value::{is_placeholder, is_public, is_random, is_wordy};

/// How values are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Settings: a value may stand without quotes.
    Settings,
    /// A program or text: only quoted strings are values.
    Program,
}

/// Endings of settings files, and names of some without one.
const SETTINGS: [&str; 26] = [
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
];

/// No name or value worth looking at is longer.
const LONGEST_NAME: usize = 60;
const LONGEST_VALUE: usize = 200;

impl Dialect {
    /// The dialect of a file of this name.
    pub(super) fn of_path(path: &[u8]) -> Self {
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
pub(super) fn secret_assigned_at(
    content: &[u8],
    hit: usize,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let (start, end) = name_around(content, hit);
    let name = &content[start..end];
    if name.len() > LONGEST_NAME {
        return None;
    }
    let value_start = value_behind(content, end)?;
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
        _ if dialect == Dialect::Settings => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b",;\"'<>()[]{}".contains(byte);
            (0, rest.iter().position(ends).unwrap_or(rest.len()))
        }
        _ => return None,
    };
    let value = &rest[from..to];
    (looks_like_secret(value) && is_named_secret(name))
        .then_some((value_start + from, value_start + to))
}

/// The password of the URL whose `://` stands at `hit`.
pub(super) fn password_in_url(content: &[u8], hit: usize) -> Option<(usize, usize)> {
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

/// The end of the password hash at `start`, where a `$` stands: `$apr1$salt$hash` and its kind.
pub(super) fn hash_at(content: &[u8], start: usize) -> Option<usize> {
    let rest = &content[start..(start + LONGEST_VALUE).min(content.len())];
    // A stack file doubles the dollar signs.
    let dollars = if rest.starts_with(b"$$") { 2 } else { 1 };
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"./+=,$".contains(byte);
    let hash = &rest[..rest
        .iter()
        .position(|byte| !part(byte))
        .unwrap_or(rest.len())];
    let pieces: Vec<&[u8]> = hash
        .split(|&byte| byte == b'$')
        .filter(|piece| !piece.is_empty())
        .collect();
    let body = pieces.last()?;
    let long_enough = match *pieces.first()? {
        b"apr1" | b"1" => body.len() == 22,
        b"2a" | b"2b" | b"2y" => body.len() == 53,
        b"5" => body.len() == 43,
        b"6" => body.len() == 86,
        b"y" | b"7" | b"argon2id" | b"argon2i" => body.len() >= 40,
        _ => false,
    };
    let varied = !is_placeholder(body);
    (long_enough && varied && pieces.len() >= 3 - usize::from(body.len() == 53) && dollars > 0)
        .then_some(start + hash.len())
}

fn looks_like_secret(value: &[u8]) -> bool {
    (8..=LONGEST_VALUE).contains(&value.len())
        && is_random(value)
        && !is_placeholder(value)
        && !is_public(value)
        && !is_wordy(value)
        && !value.iter().any(|byte| b" \\(){}<>|;".contains(byte))
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
    use super::*;

    fn assigned<'text>(text: &'text str, dialect: Dialect) -> Option<&'text str> {
        let lower = text.to_ascii_lowercase();
        let hit = ["password", "token", "secret", "key"]
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
        ] {
            assert_eq!(
                assigned(text, Dialect::Settings),
                Some("x7Kp2vQ9mR4t"),
                "{text}"
            );
        }
    }

    #[test]
    fn code_and_references_are_passed_over() {
        for text in [
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
