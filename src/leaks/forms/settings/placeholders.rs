//! Recognises placeholders: values that the user is to replace with a secret.

use super::templates::is_template;
use super::value::{contains, distinct_bytes};

/// Minimum number of different characters in a value. Values with fewer are rows of repeated characters.
const FEWEST_LETTERS: usize = 5;

/// Words that mark a placeholder, in lower case, even within a longer word. Nobody uses them in a real secret.
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

/// Words that mark a placeholder, in lower case, if they are a whole part of the value.
const STAND_INS: [&str; 31] = [
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
    "sesame",
];

/// Words, in lower case, of which a placeholder may consist. Any other word makes the value a secret.
const FILLERS: [&str; 75] = [
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
    "wrong",
    "bad",
    "incorrect",
    "mismatch",
    "name",
    "realm",
    "uuid",
    "no",
    "data",
];

/// Words at the end of a name that show that the whole is the name of a secret: `blog-db-password`.
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

/// True if `value` is a placeholder for a secret that is added later, or kept elsewhere.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    if is_template(value) || distinct_bytes(value) < FEWEST_LETTERS {
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
        || is_name_in_camel_case(value)
        || is_name_in_snake_case(value)
}

/// True for names in camel case such as `clientSecret`.
fn is_name_in_camel_case(value: &[u8]) -> bool {
    let last = value.iter().rposition(u8::is_ascii_uppercase).unwrap_or(0);
    let word = String::from_utf8_lossy(&value[last..]).to_ascii_lowercase();
    value.iter().all(u8::is_ascii_alphanumeric)
        && value[..last].last().is_some_and(u8::is_ascii_lowercase)
        && value[0].is_ascii_lowercase()
        && NAMES_OF_SECRETS.contains(&word.as_str())
}

/// True for names in snake case such as `smtp_password_maps`.
fn is_name_in_snake_case(value: &[u8]) -> bool {
    let words: Vec<&[u8]> = value.split(|&byte| byte == b'_').collect();
    let names = |word: &[u8]| {
        let mut names = NAMES_OF_SECRETS.iter();
        names.any(|name| name.as_bytes() == word)
    };
    words.len() >= 3
        && words
            .iter()
            .all(|word| word.iter().all(u8::is_ascii_lowercase))
        && words.iter().any(|word| names(word))
}

/// The parts of a value between its punctuation, without the digits around each part.
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
    // True at each offset that a sequence of words can reach.
    let mut reached = vec![false; part.len() + 1];
    reached[0] = true;
    for place in 0..part.len() {
        if reached[place] {
            for word in words {
                let rest = &part.as_bytes()[place..];
                if rest[0] == word.as_bytes()[0] && rest.starts_with(word.as_bytes()) {
                    reached[place + word.len()] = true;
                }
            }
        }
    }
    reached[part.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_a_secret_are_told() {
        for placeholder in [
            "changeme",
            "changeme-please-1",
            "xxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "supersecret",
            "MySecretPassword1",
            "test-key-0001",
            "token-12345678",
            "password1",
            "hunter2hunter2",
            "your_token_here",
            "put-it-here",
            "wrongpassword",
        ] {
            assert!(is_placeholder(placeholder.as_bytes()), "{placeholder}");
        }
        for value in [
            "x7Kp2vQ9mR",
            "Kx7$$token9vQ2mLp",
            "summerhouse",
            "correct-horse-battery-staple",
            "8392017465",
            "velvet-token-58",
            "thepasswordofberta",
        ] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
        assert!(is_name_of_secret(b"blog-db-password"));
        assert!(is_name_of_secret(b"radiusClientSecret"));
        assert!(is_name_of_secret(b"smtp_password_maps"));
        assert!(!is_name_of_secret(b"MyPassword"));
        assert!(!is_name_of_secret(b"summerhouse"));
    }
}
