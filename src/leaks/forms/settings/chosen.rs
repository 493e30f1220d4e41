//! Passwords that people choose: any literal is one, if the name or the place says so.

use super::placeholders::{is_name_of_secret, is_placeholder};
use super::secret_names::{ValueOrigin, is_named_secret, origin_of_secret};
use super::value::{contains, distinct_bytes, is_public, is_wordy};

/// Minimum length of a password. Shorter literals are numbers and words of settings.
const SHORTEST: usize = 6;
/// Minimum length of a known secret that is searched for only under the names of secrets.
const SHORTEST_WEAK: usize = 4;
/// Maximum length of a password that a person types.
const LONGEST: usize = 100;
/// Minimum number of words in a passphrase with spaces.
const FEWEST_WORDS: usize = 3;
/// Maximum number of words in a passphrase with spaces.
const MOST_WORDS: usize = 8;

/// Values of settings that are no secrets under any name, in lower case.
const SETTINGS: [&str; 61] = [
    "always",
    "anonymous",
    "apikey",
    "argon2",
    "argon2id",
    "automatic",
    "bcrypt",
    "boolean",
    "client_secret_basic",
    "client_secret_jwt",
    "client_secret_post",
    "digest",
    "disable",
    "disabled",
    "dynamic",
    "enable",
    "enabled",
    "encrypted",
    "environment",
    "external",
    "filesystem",
    "forbidden",
    "generate",
    "generated",
    "header",
    "helper",
    "ignore",
    "include",
    "inherit",
    "integer",
    "internal",
    "kerberos",
    "keyring",
    "manager",
    "managed",
    "md5-crypt",
    "negotiate",
    "number",
    "nullable",
    "object",
    "on_create",
    "optional",
    "plaintext",
    "postgresql",
    "private_key_jwt",
    "prohibit-password",
    "prompt",
    "query",
    "required",
    "requisite",
    "rotate",
    "same-origin",
    "scram-sha-256",
    "session",
    "sha256-crypt",
    "static",
    "sufficient",
    "system",
    "unknown",
    "vagrant",
    "varchar",
];

/// Words that show that a phrase is a sentence.
const ARTICLES: [&str; 12] = [
    "the", "for", "and", "with", "must", "from", "that", "this", "new", "are", "can", "use",
];

/// True if `value` under `name` is a password that a person chose.
pub(crate) fn is_chosen_for(name: &[u8], value: &[u8]) -> bool {
    match origin_of_secret(name) {
        Some(ValueOrigin::People) => is_chosen(value) || is_phrase(value),
        // Except in environment variables, the value of a setting like `secret` is the name of a secret kept elsewhere.
        Some(ValueOrigin::Machines) => {
            is_of_environment(name) && is_chosen(value) && !is_identifier(value)
        }
        Some(ValueOrigin::MachinesAmongOthers) => {
            name.to_ascii_lowercase().ends_with(b"pin") && is_long_number(value)
        }
        None => false,
    }
}

/// True if people choose the values under `name`.
pub(crate) fn may_be_chosen_for(name: &[u8]) -> bool {
    match origin_of_secret(name) {
        Some(ValueOrigin::People | ValueOrigin::Machines) => is_named_secret(name),
        Some(ValueOrigin::MachinesAmongOthers) => name.to_ascii_lowercase().ends_with(b"pin"),
        None => false,
    }
}

/// True if `value`, under a name for which [`may_be_chosen_for`] is true, may be a secret that a person chose, even if it
/// is a short or common word.
pub(crate) fn is_weak(value: &[u8]) -> bool {
    if value.iter().all(u8::is_ascii_digit) {
        return is_pin(value);
    }
    (SHORTEST_WEAK..=LONGEST).contains(&value.len())
        && value.iter().all(u8::is_ascii_graphic)
        && value.iter().any(u8::is_ascii_alphanumeric)
        && !is_word_of_settings(value)
        && !is_placeholder(value)
        && !is_name_of_secret(value)
        && !is_public(value)
        && !is_expression(value)
}

/// True for a number that may be a PIN: it has several different digits, and they are not in sequence.
fn is_pin(value: &[u8]) -> bool {
    let is_row = value.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 1);
    (SHORTEST_WEAK..=LONGEST).contains(&value.len()) && distinct_bytes(value) >= 3 && !is_row
}

/// True if `value`, at a place for passwords, may be one that a person chose.
pub(crate) fn is_chosen(value: &[u8]) -> bool {
    if is_long_number(value) {
        return !is_placeholder(value);
    }
    let is_in_capitals = value
        .iter()
        .all(|byte| byte.is_ascii_uppercase() || b"_-".contains(byte));
    (SHORTEST..=LONGEST).contains(&value.len())
        && value.iter().all(u8::is_ascii_graphic)
        && value.iter().any(u8::is_ascii_alphanumeric)
        && !is_in_capitals
        && !is_word_of_settings(value)
        && !is_placeholder(value)
        && !is_name_of_secret(value)
        && !is_public(value)
        && !is_expression(value)
}

/// True for values of settings that are no secrets under any name: `true`, `required`.
pub(crate) fn is_word_of_settings(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let short = [
        "true", "false", "yes", "no", "on", "off", "auto", "basic", "file", "env", "any", "all",
    ];
    let mut words = SETTINGS.iter().chain(&short);
    words.any(|word| word.as_bytes() == lower)
}

/// True if `name` is written like the name of an environment variable.
pub(super) fn is_of_environment(name: &[u8]) -> bool {
    name.iter().any(u8::is_ascii_uppercase) && !name.iter().any(u8::is_ascii_lowercase)
}

/// True for an identifier: words joined by punctuation, fewer than a passphrase has.
pub(super) fn is_identifier(value: &[u8]) -> bool {
    let parts = value.split(|byte| b"-_./:".contains(byte)).count();
    (2..FEWEST_WORDS).contains(&parts) && is_wordy(value)
}

/// True for lower-case words between spaces, as many as a passphrase has, that are no sentence about passwords.
fn is_phrase(value: &[u8]) -> bool {
    let mut words = value.split(|&byte| byte == b' ');
    let number = words.clone().count();
    (FEWEST_WORDS..=MOST_WORDS).contains(&number)
        && value.len() <= LONGEST
        && words.all(|word| word.len() >= 3 && word.iter().all(u8::is_ascii_lowercase))
        && !is_about_secrets(value)
}

/// True if a word of `value` is one with which people write about secrets.
fn is_about_secrets(value: &[u8]) -> bool {
    let about = |word: &[u8]| {
        is_name_of_secret(word)
            || is_placeholder(word)
            || ARTICLES.iter().any(|article| article.as_bytes() == word)
    };
    value.split(|&byte| byte == b' ').any(about)
}

/// True for a number that is too long for a port or a time.
fn is_long_number(value: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

/// True for parts of programs: a call, a list, a type, a pattern, an anchor of YAML, a range of versions. False for a
/// character reference of HTML such as `&#107;`.
pub(super) fn is_expression(value: &[u8]) -> bool {
    let has_pair = |open: u8, close: u8| {
        let open = value.iter().position(|&byte| byte == open);
        open.is_some_and(|open| value[open..].contains(&close))
    };
    let begins = value
        .first()
        .is_some_and(|first| b"*&!|>{[@`^~(\\".contains(first));
    (begins && !begins_with_entity(value))
        || has_pair(b'(', b')')
        || has_pair(b'[', b']')
        || has_pair(b'{', b'}')
        || has_pair(b'<', b'>')
        || [
            "npm:",
            "workspace:",
            "link:",
            "github:",
            "http:",
            "https:",
            "unix:",
            "/",
        ]
        .iter()
        .any(|start| value.starts_with(start.as_bytes()))
        || contains(value, b"://")
        || contains(value, b"->")
        || contains(value, b"::")
}

/// True for a value that begins with a character reference of HTML: `&amp;`, `&#107;`.
fn begins_with_entity(value: &[u8]) -> bool {
    let inside = value.strip_prefix(b"&").unwrap_or_default();
    let length = inside
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#');
    let length = length.count();
    length > 1 && inside.get(length) == Some(&b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_literal_under_the_name_of_a_password_is_one() {
        for (name, value) in [
            ("DB_PASSWORD", "summerhouse"),
            ("password", "correct-horse-battery-staple"),
            ("password", "correct horse battery staple"),
            ("user.password2", "8392017465"),
            ("ALARM_PIN", "73920416"),
            ("olcRootPW", "wickerbasket"),
            ("APP_SECRET", "openthewindow"),
            ("smtp_pass", "v9!Kd#2m&Xq"),
        ] {
            assert!(
                is_chosen_for(name.as_bytes(), value.as_bytes()),
                "{name} {value}"
            );
        }
    }

    #[test]
    fn words_of_settings_and_names_of_secrets_are_none() {
        for (name, value) in [
            ("password", "admin"),
            ("password", "required"),
            ("password", "blog-db-password"),
            ("password", "var.db_password"),
            ("password", "get_password(user)"),
            ("password", "/run/secrets/db"),
            ("password", "DB_PASSWORD"),
            ("password", "your new password"),
            ("password_policy", "summerhouse"),
            ("password_encryption", "scram-sha-256"),
            ("secret", "app-config"),
            ("APP_SECRET", "app-config"),
            ("token", "summerhouse"),
            ("auth", "summerhouse"),
            ("pin", "GPIO12"),
            ("key", "8392017465"),
        ] {
            assert!(
                !is_chosen_for(name.as_bytes(), value.as_bytes()),
                "{name} {value}"
            );
        }
    }
}
