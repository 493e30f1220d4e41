//! Tells text that only stands for a secret: a reference to one that is kept elsewhere, or words that somebody is to replace.

use super::value::contains;

/// Words that nobody keeps in a value of their own, in lower case. They count within a longer word.
const SAMPLES: [&[u8]; 9] = [
    b"example",
    b"changeme",
    b"placeholder",
    b"redacted",
    b"12345678",
    b"abcdef",
    b"xxxx",
    b"qwerty",
    b"lorem",
];

/// Words that make a value a placeholder where one of them is a whole part of it, in lower case.
const STAND_INS: [&str; 30] = [
    "change",
    "changeit",
    "your",
    "yours",
    "dummy",
    "sample",
    "replace",
    "insert",
    "todo",
    "fixme",
    "fake",
    "mock",
    "invalid",
    "undefined",
    "here",
    "enter",
    "fill",
    "removed",
    "hidden",
    "censored",
    "masked",
    "none",
    "null",
    "notreal",
    "foobar",
    "foobared",
    "hunter2",
    "letmein",
    "whatever",
    "opensesame",
];

/// Words that make a value a placeholder where it has no others, in lower case.
const FILLERS: [&str; 66] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "pw",
    "secret",
    "secrets",
    "token",
    "tokens",
    "key",
    "keys",
    "api",
    "auth",
    "my",
    "the",
    "a",
    "an",
    "test",
    "testing",
    "tests",
    "default",
    "admin",
    "root",
    "user",
    "username",
    "demo",
    "foo",
    "bar",
    "baz",
    "db",
    "database",
    "app",
    "super",
    "very",
    "some",
    "this",
    "is",
    "me",
    "it",
    "strong",
    "safe",
    "secure",
    "random",
    "long",
    "string",
    "text",
    "value",
    "new",
    "old",
    "temp",
    "tmp",
    "private",
    "public",
    "access",
    "client",
    "master",
    "login",
    "hunter",
    "abc",
    "postgres",
    "mysql",
    "guest",
    "not",
    "please",
    "hello",
];

/// Words that say of a whole name that a secret bears it: `blog-db-password`.
const NAMES_OF_SECRETS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "pw",
    "secret",
    "secrets",
    "token",
    "key",
    "credential",
    "credentials",
    "auth",
    "login",
];

/// Marks of a template, or of a reference to a value that is kept elsewhere.
const TEMPLATE_MARKS: [&[u8]; 11] = [
    b"${", b"$(", b"{{", b"#{", b"<%", b"%(", b"$__", b"[[", b"...", b"****", b"{%",
];

/// Beginnings of references to a value that is kept elsewhere.
const REFERENCES: [&[u8]; 20] = [
    b"!vault",
    b"!secret",
    b"!ENV",
    b"!env",
    b"!Ref",
    b"!Sub",
    b"!file",
    b"vault:",
    b"env:",
    b"env.",
    b"ENC[",
    b"file:",
    b"op://",
    b"ref+",
    b"secretref:",
    b"arn:",
    b"bao:",
    b"$ANSIBLE_VAULT",
    b"@Microsoft.",
    b"keyring:",
];

/// True if `value` stands for one that is yet to come, or is kept elsewhere.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    if is_template(value) || has_few_letters(value) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    if SAMPLES.iter().any(|word| contains(&lower, word)) {
        return true;
    }
    let (mut has_words, mut all_fill) = (false, true);
    let is_stand_in = |part: &[u8]| {
        let part = std::str::from_utf8(part).unwrap_or_default();
        !part.is_empty() && is_made_of(part, &STAND_INS)
    };
    let mut whole_parts = lower.split(|byte| !byte.is_ascii_alphanumeric());
    if whole_parts.any(is_stand_in) {
        return true;
    }
    for part in parts(&lower).filter(|part| !part.is_empty()) {
        if is_made_of(part, &STAND_INS) {
            return true;
        }
        has_words = true;
        all_fill &= is_made_of(part, &FILLERS);
    }
    has_words && all_fill
}

/// True if `value` is the name of a secret: its last part says so.
pub(crate) fn is_name_of_secret(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let last = parts(&lower).filter(|part| !part.is_empty()).last();
    last.is_some_and(|last| NAMES_OF_SECRETS.contains(&last))
}

/// True if `value` is filled in by a shell, a template engine or the program that reads it.
pub(crate) fn is_template(value: &[u8]) -> bool {
    let begins = |mark: &[u8]| value.starts_with(mark);
    let within =
        |mark: &[u8]| begins(mark) && value.ends_with(mark) && value.len() > 2 * mark.len();
    begins_with_variable(value)
        || TEMPLATE_MARKS.iter().any(|mark| contains(value, mark))
        || contains(value, b"%s/")
        || value.ends_with(b"%s")
        || (begins(b"<") && value.ends_with(b">"))
        || (begins(b"[") && value.ends_with(b"]"))
        || within(b"%")
        || within(b"@")
        || within(b"__")
        || REFERENCES.iter().any(|mark| begins(mark))
}

/// `$NAME`, alone or before a path, a point, a colon or other variables.
fn begins_with_variable(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"$") else {
        return false;
    };
    let rest = rest.strip_prefix(b"$").unwrap_or(rest);
    if rest.iter().all(is_of_name) {
        return true;
    }
    let length = rest.iter().take_while(|byte| is_of_name(byte)).count();
    let is_whole = || rest.split(|&byte| byte == b'$').all(is_variable);
    match rest[length] {
        b'$' => is_whole(),
        next => is_variable(&rest[..length]) && b"/.:".contains(&next),
    }
}

/// True for letters in one case, and no digits before the end.
fn is_variable(name: &[u8]) -> bool {
    let is_small = name.iter().any(u8::is_ascii_lowercase);
    let is_large = name.iter().any(u8::is_ascii_uppercase);
    name.iter().all(is_of_name) && is_small != is_large && !name[0].is_ascii_digit()
}

fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// The parts of a value between its signs, without the digits around each.
fn parts(lower: &[u8]) -> impl Iterator<Item = &str> {
    lower
        .split(|byte| !byte.is_ascii_alphanumeric())
        .map(|part| {
            let part = std::str::from_utf8(part).unwrap_or_default();
            part.trim_matches(|letter: char| letter.is_ascii_digit())
        })
}

/// True if `part` is one of `words`, or several of them in a row.
fn is_made_of(part: &str, words: &[&str]) -> bool {
    // True for each place that words lead to.
    let mut reached = vec![false; part.len() + 1];
    reached[0] = true;
    for place in 0..part.len() {
        if reached[place] {
            for word in words {
                if part[place..].starts_with(word) {
                    reached[place + word.len()] = true;
                }
            }
        }
    }
    reached[part.len()]
}

fn has_few_letters(value: &[u8]) -> bool {
    let mut seen = [false; 256];
    value
        .iter()
        .for_each(|&byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|&&seen| seen).count() < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_references_are_told() {
        for placeholder in [
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "$dir/private/cakey2.pem",
            "$upstream$request_uri",
            "{{ password }}",
            "#{ENV['X']}",
            "$__file{/run/secrets/x}",
            "<your key here>",
            "changeme",
            "changeme-please-1",
            "xxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "%(password)s",
            "%PASSWORD%",
            "@password@",
            "__DB_PASSWORD__",
            "!secret wifi_password",
            "supersecret",
            "MySecretPassword1",
            "test-key-0001",
            "token-12345678",
            "password1",
            "hunter2hunter2",
            "your_token_here",
            "put-it-here",
        ] {
            assert!(is_placeholder(placeholder.as_bytes()), "{placeholder}");
        }
        for value in [
            "x7Kp2vQ9mR",
            "Kx7$$token9vQ2mLp",
            "summerhouse",
            "correct-horse-battery-staple",
            "8392017465",
            "$Kx7vQ.mLp",
            "velvet-token-58",
            "thepasswordofberta",
        ] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
        assert!(is_name_of_secret(b"blog-db-password"));
        assert!(!is_name_of_secret(b"summerhouse"));
    }
}
