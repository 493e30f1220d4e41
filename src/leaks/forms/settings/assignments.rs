//! Judges whether the value that is assigned to a name is a secret, or only looks like one.

use std::ops::Range;

use super::chosen::{is_chosen, is_chosen_for, is_expression, may_be_chosen_for};
use super::conditions::is_of_request;
use super::dialect::Dialect;
use super::placeholders::is_placeholder;
use super::secret_names::{ValueOrigin, is_named_secret, origin_of_secret};
use super::sections::is_secret_in_section;
use super::templates::{is_attribute, is_template};
use super::value::{contains, is_mixed, is_noise, is_public, is_random, is_wordy};
use super::written::{Form, LONGEST_VALUE, Written, is_in_four_groups, value_of};
use crate::format::is_base64;
use crate::leaks::forms::encoded::{encoded_text, has_password, is_login};

/// Maximum length of a name.
const LONGEST_NAME: usize = 60;
/// In a program, minimum length of a generated value that does not look random. Shorter ones are words of the program.
const SHORTEST_OF_MACHINES: usize = 12;
/// Maximum number of groups in a value with spaces.
const MOST_GROUPS: usize = 12;

/// The value that is assigned to the name around `hit` (where a secret word was found), if it looks like a secret.
pub(crate) fn secret_assigned_at(
    content: &[u8],
    hit: usize,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let (name, written) = written_at(content, hit, dialect)?;
    let (start, end) = (written.place.start, written.place.end);
    let is_secret = is_secret(content, &name, &written, dialect);
    is_secret.then_some((start, end))
}

/// The value that is assigned to the name around `hit`, if people choose the values under such a name.
pub(crate) fn value_assigned_at(
    content: &[u8],
    hit: usize,
    dialect: Dialect,
) -> Option<Range<usize>> {
    let (name, written) = written_at(content, hit, dialect)?;
    may_be_chosen_for(&content[name]).then_some(written.place)
}

/// The name around `hit`, and the value that is assigned to it.
fn written_at(content: &[u8], hit: usize, dialect: Dialect) -> Option<(Range<usize>, Written)> {
    let name = name_around(content, hit);
    let before = &content[..name.start];
    // In `Provider::Service::Name`, the last part is the name of a type.
    // After `!`, the name is an entry of a list of ciphers.
    let is_other = before.ends_with(b"::") || before.ends_with(b"!");
    if dialect == Dialect::Lock || name.len() > LONGEST_NAME || is_other {
        return None;
    }
    let mut written = value_of(content, &name, dialect)?;
    if before.ends_with(b"${") {
        written = default_of_variable(content, written)?;
    } else if before.ends_with(b"$") && !is_of_request(content, &name) {
        is_set(before).then_some(())?;
        if written.form != Form::Delimited || !begins_statement(before) {
            written.form = written.form.max(Form::Loose);
        }
    }
    Some((name, written))
}

/// The text after `${NAME:-`; `None` for other forms of a variable.
fn default_of_variable(content: &[u8], written: Written) -> Option<Written> {
    let place = written.place;
    let is_default = content[place.clone()].starts_with(b"-") && written.form != Form::Delimited;
    is_default.then(|| Written {
        place: place.start + 1..place.end,
        form: Form::Bare,
    })
}

/// True if a variable may be set here: the text before its `$`, which ends `before`, allows that.
fn is_set(before: &[u8]) -> bool {
    let before = before[..before.len() - 1].last();
    before.is_none_or(|byte| byte.is_ascii_whitespace() || b"(;/".contains(byte))
}

/// True if the variable whose `$` ends `before` is the first word of a line or a statement.
fn begins_statement(before: &[u8]) -> bool {
    let before = &before[..before.len() - 1];
    let blanks = before.iter().rev();
    let blanks = blanks.take_while(|byte| b" \t".contains(byte)).count();
    let before = &before[..before.len() - blanks];
    let words = [
        &b"public"[..],
        b"private",
        b"protected",
        b"static",
        b"var",
        b"my",
    ];
    before.last().is_none_or(|byte| b"\n;{}".contains(byte))
        || words.iter().any(|word| before.ends_with(word))
}

fn is_secret(
    content: &[u8],
    name_place: &Range<usize>,
    written: &Written,
    dialect: Dialect,
) -> bool {
    let Range { start, end } = written.place;
    let name = &content[name_place.clone()];
    let value = &content[start..end];
    if value.is_empty()
        || is_sealed(value, value.len() + 1 < LONGEST_VALUE)
        || is_unsigned_token(value)
    {
        return false;
    }
    let is_quoted = content[..start]
        .last()
        .is_some_and(|byte| b"\"'`".contains(byte));
    if !is_quoted && is_attribute(value) {
        return false;
    }
    let text = encoded_text(value);
    // A sample remains a sample if it is encoded.
    let is_sample = text
        .as_ref()
        .is_some_and(|text| (is_login(text) && !has_password(text)) || is_stand_in(text));
    let is_made = || match &text {
        // A login is judged by its password. Below `auth`, the password may be of any length.
        Some(text) if is_login(text) => {
            let is_of_registry = name.to_ascii_lowercase().ends_with(b"auth");
            (is_of_registry || looks_like_secret(value)) && has_password(text)
        }
        Some(_) => looks_like_secret(value) && !is_sample,
        None => looks_like_secret(value) || (is_quoted && looks_like_quoted_secret(value)),
    };
    let is_label =
        || origin_of_secret(name) == Some(ValueOrigin::MachinesAmongOthers) && is_label(value);
    let may_be_chosen = !is_sample
        && dialect.has_chosen_values()
        && matches!(written.form, Form::Delimited | Form::Bare);
    let is_word_of_program = || {
        dialect == Dialect::Program
            && value.len() < SHORTEST_OF_MACHINES
            && origin_of_secret(name) == Some(ValueOrigin::Machines)
            && !is_random(value)
    };
    let is_other = || is_label() || is_id(name, value) || is_word_of_program();
    (is_made() && is_named_secret(name) && !is_other())
        || (may_be_chosen && is_chosen_at(content, name_place, value))
}

/// True if `value` is a password that a person chose, judged by its name or by where it stands.
fn is_chosen_at(content: &[u8], name: &Range<usize>, value: &[u8]) -> bool {
    let text = &content[name.clone()];
    is_chosen_for(text, value)
        || is_login_of_credentials(text, value)
        || is_secret_in_section(content, name, value)
        || (is_of_request(content, name) && is_named_secret(text) && is_chosen(value))
}

/// True for one or several `user:password`, separated by semicolons, under a name like `admin_credentials`.
fn is_login_of_credentials(name: &[u8], value: &[u8]) -> bool {
    let has_chosen_password = |login: &[u8]| {
        let colon = login.iter().position(|&byte| byte == b':');
        is_login(login) && colon.is_some_and(|colon| is_chosen(&login[colon + 1..]))
    };
    let is_named = name.to_ascii_lowercase().ends_with(b"_credentials");
    is_named && !is_placeholder(value) && value.split(|&byte| byte == b';').any(has_chosen_password)
}

/// True if `value` looks like a password, chosen or generated.
pub(crate) fn looks_like_secret(value: &[u8]) -> bool {
    looks_made(value) && !value.iter().any(|byte| b" \\(){}[]<>|;".contains(byte))
}

fn looks_made(value: &[u8]) -> bool {
    (8..=LONGEST_VALUE).contains(&value.len())
        && (is_random(value) || is_mixed(value))
        && !is_wordy(value)
        && !is_public(value)
        && !contains(value, b"::")
        // This takes longest.
        && !is_placeholder(value)
}

/// True for values that can be a secret only between quotes: with brackets, or in groups.
fn looks_like_quoted_secret(value: &[u8]) -> bool {
    if is_noise(value) && !is_placeholder(value) {
        return true;
    }
    if value.contains(&b' ') {
        return is_in_four_groups(value) || is_in_mixed_groups(value);
    }
    looks_made(value) && is_random(value) && !value.contains(&b'\\') && !is_expression(value)
}

/// True for groups of letters and digits between spaces, if most groups have both.
fn is_in_mixed_groups(value: &[u8]) -> bool {
    let groups: Vec<&[u8]> = value.split(|&byte| byte == b' ').collect();
    let is_plain = |group: &&[u8]| {
        (2..=12).contains(&group.len()) && group.iter().all(u8::is_ascii_alphanumeric)
    };
    let has_both = |group: &&&[u8]| {
        group.iter().any(u8::is_ascii_digit)
            && group.iter().any(u8::is_ascii_alphabetic)
            && !is_wordy(group)
    };
    let mixed = groups.iter().filter(has_both).count();
    groups.len() <= MOST_GROUPS
        && groups.iter().all(is_plain)
        && mixed * 2 > groups.len()
        && looks_made(&groups.concat())
}

/// True for names of caches and the like: a word, a separator and an identifier.
fn is_label(value: &[u8]) -> bool {
    // The id of a GPG key, as in Git's settings.
    let is_key_id = (value.len() == 16 && value.iter().all(u8::is_ascii_hexdigit))
        || (value.len() == 40
            && value
                .iter()
                .all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte)));
    let parts: Vec<&[u8]> = value.split(|byte| b"-_.:+,=".contains(byte)).collect();
    let is_word = |part: &&[u8]| part.len() >= 3 && part.iter().all(u8::is_ascii_lowercase);
    is_key_id || (parts.len() > 1 && parts.iter().any(is_word)) || is_item(value)
}

/// True for the name that a device has for one of its parts: `temp_1.8v_sm`.
fn is_item(value: &[u8]) -> bool {
    let parts = value.split(|byte| b"_.".contains(byte));
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    parts.clone().count() > 2
        && parts
            .clone()
            .all(|part| part.len() <= 6 && part.iter().all(is_part))
}

/// True for a UUID under a name that only mentions secrets: it identifies one.
fn is_id(name: &[u8], value: &[u8]) -> bool {
    let is_of_uuid = |(place, byte): (usize, &u8)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    value.len() == 36
        && value.iter().enumerate().all(is_of_uuid)
        && origin_of_secret(name).is_none()
}

/// True if a decoded `text` is only a placeholder for a secret: a single word, not a document that has such a word in it.
fn is_stand_in(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let is_one_word = !text.iter().any(|byte| b" \t\r\n:={\"".contains(byte));
    is_template(text) || (is_one_word && is_placeholder(text))
}

/// True for a JSON web token, or a part of one, without a signature: anybody can write such a token.
fn is_unsigned_token(value: &[u8]) -> bool {
    let begins = [&b"eyJhbGciO"[..], b"eyJ0eXAiO"];
    let parts = value.split(|&byte| byte == b'.');
    begins.iter().any(|heading| value.starts_with(heading))
        && parts.filter(|part| !part.is_empty()).count() < 3
}

/// True for the beginning of a value that kubeseal has encrypted. A value that `is_whole` is too short for that.
fn is_sealed(value: &[u8], is_whole: bool) -> bool {
    !is_whole
        && value.starts_with(b"Ag")
        && value.get(2).is_some_and(|third| b"ABCD".contains(third))
        && value.iter().all(|&byte| is_base64(byte))
}

/// The identifier around `hit`.
fn name_around(content: &[u8], hit: usize) -> Range<usize> {
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
    let name = hit - before..hit + behind;
    // In a string, the `n` of `\n` is not part of the name after it.
    let is_escape = content[..name.start].ends_with(b"\\") && b"nt".contains(&content[name.start]);
    name.start + usize::from(is_escape)..name.end
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
        // Only a value that goes on beyond the limit looks sealed, however long its line is.
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
}
