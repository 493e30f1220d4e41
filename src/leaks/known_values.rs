//! Chooses the values in a decrypted file that must not turn up anywhere else.
//!
//! Files of all sorts are encrypted, whole and broken ones, so no format is parsed: each line is looked at as an
//! assignment, as quoted strings, as words and as markup, and what is found is judged by itself and by its name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::sensitive_key::{is_named_public, is_named_secret};
use super::utf16;
use super::value::{contains, is_placeholder, is_public, is_random, is_template, is_wordy};

/// Shorter values turn up by chance.
const SHORTEST: usize = 8;
/// A word in small letters only must be longer than this.
const SHORTEST_WORD: usize = 12;
/// An identifier of several words must be longer than this: a pass phrase, not a name.
const SHORTEST_PHRASE: usize = 20;
const LONGEST: usize = 512;
/// A line of base64 in a key; the last, shorter one gives little away.
const SHORTEST_PEM_LINE: usize = 32;

/// A value that is worth looking for.
pub(super) struct Choice<'plaintext> {
    pub(super) value: &'plaintext [u8],
    /// The line it stands in, from 1; of a private key, the line it begins in.
    pub(super) line: usize,
    /// One of the many lines of a private key.
    pub(super) of_key: bool,
}

/// Hands each value in `plaintext` that is worth looking for to `found`.
pub(super) fn choose_values(plaintext: &[u8], found: &mut dyn FnMut(Choice<'_>)) {
    if let Some(text) = utf16::decoded(plaintext) {
        return choose_values(&text, found);
    }
    if plaintext.contains(&0) || std::str::from_utf8(plaintext).is_err() {
        // A raw key: all of it is the value.
        if (16..=LONGEST).contains(&plaintext.len()) {
            found(Choice {
                value: plaintext,
                line: 1,
                of_key: true,
            });
        }
        return;
    }
    let mut pem = Pem::Outside;
    let mut key_line = 0;
    for (index, line) in plaintext.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        let plain = |value: &[u8], found: &mut dyn FnMut(Choice<'_>)| {
            found(Choice {
                value,
                line: index + 1,
                of_key: false,
            });
        };
        if let Some(begun) = Pem::begun_by(line) {
            pem = begun;
            key_line = index + 1;
        }
        if pem == Pem::Private {
            look_at_key(line, &mut |value| {
                found(Choice {
                    value,
                    line: key_line,
                    of_key: true,
                });
            });
        }
        if pem == Pem::Outside || line.contains(&b'"') {
            look_at_line(line, &mut |value| plain(value, found));
        }
        if contains(line, b"-----END ") {
            pem = Pem::Outside;
        }
    }
    if let Some(line) = only_line(plaintext) {
        // All of a password file is the password, whatever signs it holds.
        consider(b"password", unquoted(line), &mut |value| {
            found(Choice {
                value,
                line: 1,
                of_key: false,
            });
        });
    }
}

fn only_line(plaintext: &[u8]) -> Option<&[u8]> {
    let text = plaintext.trim_ascii();
    (!text.is_empty() && !text.contains(&b'\n')).then_some(text)
}

/// Whether a line belongs to a PEM block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pem {
    Outside,
    Public,
    Private,
}

impl Pem {
    fn begun_by(line: &[u8]) -> Option<Self> {
        let public = [
            &b"CERTIFICATE"[..],
            b"PUBLIC",
            b"PARAMETERS",
            b"CRL",
            b"SIGNATURE",
        ];
        contains(line, b"-----BEGIN ").then(|| {
            if public.iter().any(|kind| contains(line, kind)) {
                Self::Public
            } else {
                Self::Private
            }
        })
    }
}

/// The lines of a key's body, also where they are folded into one with `\n`.
fn look_at_key(line: &[u8], found: &mut dyn FnMut(&[u8])) {
    for piece in line.split(|&byte| byte == b'\\' || byte == b'"') {
        let piece = piece.strip_prefix(b"n").unwrap_or(piece);
        if piece.len() >= SHORTEST_PEM_LINE && piece.iter().all(is_base64) {
            found(piece);
        }
    }
}

fn look_at_line(line: &[u8], found: &mut dyn FnMut(&[u8])) {
    if line.starts_with(b"#") || line.starts_with(b"//") || line.starts_with(b";") {
        return;
    }
    if let Some(split) = sign_outside_quotes(line) {
        let behind = &line[split + 1..];
        let behind = behind.strip_prefix(b">").unwrap_or(behind);
        consider(key_of(&line[..split]), unquoted(behind), found);
    }
    look_at_quoted(line, found);
    look_at_words(line, found);
    look_at_markup(line, found);
}

/// Where the first `=` or `:` stands that is not part of a quoted string.
fn sign_outside_quotes(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    line.iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && b"=:".contains(byte)
    })
}

/// `"key": "value"`, also many of them in a line.
fn look_at_quoted(line: &[u8], found: &mut dyn FnMut(&[u8])) {
    let mut before: &[u8] = b"";
    let mut rest = line;
    let mut key: &[u8] = b"";
    while let Some(start) = rest.iter().position(|byte| b"\"'".contains(byte)) {
        let quote = rest[start];
        let inside = &rest[start + 1..];
        let Some(end) = closing_quote(inside, quote) else {
            return;
        };
        let between = rest[..start].trim_ascii();
        match between.last() {
            // A quoted key, or one that stands before its sign unquoted.
            Some(b':' | b'=') if between.len() == 1 => key = before,
            Some(b':' | b'=') => key = key_of(&between[..between.len() - 1]),
            _ => {}
        }
        before = &inside[..end];
        match unescaped(before) {
            Some(value) => consider(key, &value, found),
            None => consider(key, before, found),
        }
        rest = &inside[end + 1..];
    }
}

/// `machine registry.home login viktor password …`, as netrc and many daemons have it.
fn look_at_words(line: &[u8], found: &mut dyn FnMut(&[u8])) {
    let mut name: &[u8] = b"";
    for word in line.split(u8::is_ascii_whitespace) {
        let word = unquoted(word.strip_suffix(b";").unwrap_or(word));
        if word.is_empty() {
            continue;
        }
        let padded = without_padding(word);
        let plain = !padded.iter().any(|byte| b"=:\"'<>{}".contains(byte));
        if plain && (is_random(word) || is_named_secret(name)) {
            consider(name, word, found);
        }
        name = word;
    }
}

/// `<password>…</password>`.
fn look_at_markup(line: &[u8], found: &mut dyn FnMut(&[u8])) {
    for element in line.split(|&byte| byte == b'<').skip(1) {
        if let Some(end) = element.iter().position(|&byte| byte == b'>') {
            let tag = element[..end]
                .split(u8::is_ascii_whitespace)
                .next()
                .unwrap_or_default();
            consider(tag, element[end + 1..].trim_ascii(), found);
        }
    }
}

/// Judges one candidate; what is composed of several is taken apart.
fn consider(key: &[u8], value: &[u8], found: &mut dyn FnMut(&[u8])) {
    let value = ["Bearer ", "Basic ", "Token ", "token "]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme.as_bytes()))
        .unwrap_or(value);
    if let Some(rest) = value.strip_prefix(b"//") {
        return look_at_url(rest, found);
    }
    if key.ends_with(b"auth") || key.ends_with(b"AUTH") {
        consider_basic_auth(value, found);
    }
    if let Some(scheme) = value.windows(3).position(|window| window == b"://") {
        return look_at_url(&value[scheme + 3..], found);
    }
    if worth_looking_for(key, value) {
        found(value);
    }
}

/// `user:password` in base64, as docker's logins have it.
fn consider_basic_auth(value: &[u8], found: &mut dyn FnMut(&[u8])) {
    let Ok(login) = STANDARD.decode(value).map(Zeroizing::new) else {
        return;
    };
    if let Some(colon) = login.iter().position(|&byte| byte == b':')
        && worth_looking_for(b"password", &login[colon + 1..])
    {
        found(&login[colon + 1..]);
    }
}

/// The parts of a URL that are not an address: password, parameters, random parts of the path.
fn look_at_url(url: &[u8], found: &mut dyn FnMut(&[u8])) {
    let path_start = url
        .iter()
        .position(|byte| b"/?#".contains(byte))
        .unwrap_or(url.len());
    let (authority, path) = url.split_at(path_start);
    if let Some(at) = authority.iter().rposition(|&byte| byte == b'@') {
        let user = &authority[..at];
        if let Some(colon) = user.iter().position(|&byte| byte == b':')
            && worth_looking_for(b"password", &user[colon + 1..])
        {
            found(&user[colon + 1..]);
        }
    }
    for part in path.split(|byte| b"/?&#".contains(byte)) {
        let (key, value) = match part.iter().position(|&byte| byte == b'=') {
            Some(split) => (&part[..split], &part[split + 1..]),
            None => (&b""[..], part),
        };
        if worth_looking_for(key, value) {
            found(value);
        }
    }
}

fn worth_looking_for(key: &[u8], value: &[u8]) -> bool {
    if !(SHORTEST..=LONGEST).contains(&value.len()) || is_template(value) || is_public(value) {
        return false;
    }
    if is_password_hash(value) || (is_random(value) && !is_named_public(key)) {
        return true;
    }
    if !is_named_secret(key) {
        return false;
    }
    if value.iter().all(u8::is_ascii_alphabetic) {
        return value.len() >= SHORTEST_WORD && !is_placeholder(value);
    }
    if is_wordy(value) {
        let letters_only = !value.iter().any(u8::is_ascii_digit);
        let shortest = if letters_only {
            SHORTEST_PHRASE
        } else {
            SHORTEST
        };
        return value.len() >= shortest && !is_placeholder(value);
    }
    true
}

/// `$apr1$…`, `$2y$…`, `$6$…` and their kind; `{SHA}…`.
pub(super) fn is_password_hash(value: &[u8]) -> bool {
    let dollars = value.iter().filter(|&&byte| byte == b'$').count();
    value.len() >= 20
        && ((value.starts_with(b"$") && dollars >= 3)
            || value.starts_with(b"{SHA")
            || value.starts_with(b"{SSHA"))
}

/// The last word before the sign: `export API_KEY`, `- name`, `"key"`.
fn key_of(before: &[u8]) -> &[u8] {
    let before = before.trim_ascii();
    let start = before
        .iter()
        .rposition(|byte| byte.is_ascii_whitespace() || b",{(".contains(byte))
        .map_or(0, |blank| blank + 1);
    unquoted(&before[start..])
}

/// A value without quotes, the comma or semicolon behind it, and a trailing comment.
fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    if let Some(quote @ (b'"' | b'\'')) = value.first()
        && let Some(end) = closing_quote(&value[1..], *quote)
    {
        return &value[1..=end];
    }
    let comment = value
        .windows(2)
        .position(|window| window == b" #")
        .unwrap_or(value.len());
    let value = value[..comment].trim_ascii();
    let value = value
        .strip_suffix(b",")
        .or(value.strip_suffix(b";"))
        .unwrap_or(value);
    // The end of a list or mapping in flow style that the value stands in.
    let closes = |open: u8, close: u8| value.ends_with(&[close]) && !value.contains(&open);
    match closes(b'[', b']') || closes(b'{', b'}') {
        true => value[..value.len() - 1].trim_ascii(),
        false => value,
    }
}

fn without_padding(word: &[u8]) -> &[u8] {
    let padding = word.iter().rev().take_while(|&&byte| byte == b'=').count();
    &word[..word.len() - padding]
}

fn closing_quote(inside: &[u8], quote: u8) -> Option<usize> {
    let mut escaped = false;
    inside.iter().position(|&byte| {
        let closes = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped && quote == b'"';
        closes
    })
}

/// The value behind simple escapes, where it has any.
fn unescaped(quoted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut value = Zeroizing::new(Vec::with_capacity(quoted.len()));
    let mut bytes = quoted.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => value.push(*bytes.next().filter(|next| b"\\\"/'".contains(next))?),
            _ => value.push(byte),
        }
    }
    quoted.contains(&b'\\').then_some(value)
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(plaintext: &str) -> Vec<String> {
        let mut all = Vec::new();
        choose_values(plaintext.as_bytes(), &mut |choice| {
            let value = String::from_utf8_lossy(choice.value).into_owned();
            if !all.contains(&value) {
                all.push(value);
            }
        });
        all
    }

    #[test]
    fn assignments_of_all_sorts_give_their_values() {
        for (text, value) in [
            ("DB_PASSWORD=kettle4drum\n", "kettle4drum"),
            ("export DB_PASSWORD='kettle4 drum'\n", "kettle4 drum"),
            (
                "password: kettle4drum # since May\nuser: viktor\n",
                "kettle4drum",
            ),
            ("  \"apiKey\" : \"kettle4drum\",\n}\n", "kettle4drum"),
            (
                "{\"user\":\"viktor\",\"password\":\"ket\\\"tle4drum\"}",
                "ket\"tle4drum",
            ),
            ("[smtp]\npassword = kettle4drum\n", "kettle4drum"),
            (
                "login viktor password kettle4drum\nmachine x\n",
                "kettle4drum",
            ),
            ("<a><password>kettle4drum</password></a>\n", "kettle4drum"),
            ("kettle4drum\n", "kettle4drum"),
            (
                "postgres://viktor:kettle4drum@db.home.example/x\n",
                "kettle4drum",
            ),
            (
                "Authorization: Bearer kJ82hQp0aLz9Xw3TgB5\n",
                "kJ82hQp0aLz9Xw3TgB5",
            ),
            (
                "https://hooks.example/T0/kJ82hQp0aLz9Xw3TgB5\n",
                "kJ82hQp0aLz9Xw3TgB5",
            ),
            (
                "{\"auths\":{\"r\":{\"auth\":\"dmlrdG9yOmtldHRsZTRkcnVt\"}}}\n",
                "kettle4drum",
            ),
            (
                "tsig {\n  secret home. kJ82hQp0aLz9Xw3TgB5=\n}\n",
                "kJ82hQp0aLz9Xw3TgB5=",
            ),
            (
                "headers:\n  Authorization: [Bearer kJ82hQp0aLz9Xw3TgB5]\n",
                "kJ82hQp0aLz9Xw3TgB5",
            ),
            (
                "viktor:$apr1$x8Qk2l0a$Fp9aYdQm0m1Vb3oQkq5b41\nb:c\n",
                "$apr1$x8Qk2l0a$Fp9aYdQm0m1Vb3oQkq5b41",
            ),
        ] {
            assert!(
                values(text).contains(&value.to_owned()),
                "{text}: {:?}",
                values(text)
            );
        }
    }

    #[test]
    fn what_everybody_may_know_is_left_out() {
        for text in [
            "host = grafana.home.example\nport = 3000\n",
            "GF_SERVER_ROOT_URL=https://grafana.home.example/dash\nx=y\n",
            "user: administrator\nusername=homelab-admin\n",
            "password: ${DB_PASSWORD}\npassword_file: /run/secrets/db\n",
            "secretName: blog-db-password\nb: c\n",
            "password: changeme\nb: c\n",
            "{\n  \"contact\": [\"mailto:anna@home.example\"]\n}\n",
            "log_level = information\nenabled = true\n",
            "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn each_line_of_a_private_key_is_a_value() {
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let text =
            format!("-----BEGIN PRIVATE KEY-----\n{line}\nshort==\n-----END PRIVATE KEY-----\n");
        assert_eq!(values(&text), [line]);
    }
}
