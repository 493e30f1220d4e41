//! Chooses the values in a decrypted file that must not appear in plaintext anywhere else.
//!
//! Encrypted files may have any format, and may be broken, so no format is parsed. Each line is read as an assignment,
//! as quoted strings, as words and as markup. Every candidate is judged by its bytes and by its name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::notations::{candidates_in, unquoted};
use super::reach::{LONGEST, Reach, reach_of};
use crate::format::is_base64;
use crate::leaks::forms::settings::value::contains;
use crate::leaks::forms::utf16::{self, TooLong};

/// Minimum length of a line of base64 in a key. Only the last line is shorter, and it gives little away.
const SHORTEST_PEM_LINE: usize = 32;

/// A value that is worth searching for.
pub(crate) struct ChosenValue<'plaintext> {
    pub(crate) value: &'plaintext [u8],
    /// The line that it stands in, from 1; for a private key, the line at which the key begins.
    pub(crate) line: usize,
    /// True for one of the many lines of a private key.
    pub(crate) of_key: bool,
    pub(crate) reach: Reach,
}

/// Calls `found` with each value in `plaintext` that is worth searching for.
pub(crate) fn choose_values(
    plaintext: &[u8],
    found: &mut dyn FnMut(ChosenValue<'_>),
) -> Result<(), TooLong> {
    match utf16::decoded(plaintext)? {
        Some(text) => choose(&text, found),
        None => choose(plaintext, found),
    }
    Ok(())
}

fn choose(plaintext: &[u8], found: &mut dyn FnMut(ChosenValue<'_>)) {
    if plaintext.contains(&0) || std::str::from_utf8(plaintext).is_err() {
        // A binary key: the whole content is the value.
        if (16..=LONGEST).contains(&plaintext.len()) {
            found(ChosenValue {
                value: plaintext,
                line: 1,
                of_key: true,
                reach: Reach::Everywhere,
            });
        }
        return;
    }
    let mut pem = Pem::Outside;
    let mut key_line = 0;
    for (index, line) in plaintext.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        let plain = |value: &[u8], reach: Reach, found: &mut dyn FnMut(ChosenValue<'_>)| {
            found(ChosenValue {
                value,
                line: index + 1,
                of_key: false,
                reach,
            });
        };
        if let Some(begun) = Pem::begun_by(line) {
            pem = begun;
            key_line = index + 1;
        }
        if pem == Pem::Private {
            look_at_key(line, &mut |value| {
                found(ChosenValue {
                    value,
                    line: key_line,
                    of_key: true,
                    reach: Reach::Everywhere,
                });
            });
        }
        if pem == Pem::Outside || line.contains(&b'"') {
            candidates_in(line, &mut |name, value| {
                consider(name, value, &mut |value, reach| plain(value, reach, found));
            });
        }
        if contains(line, b"-----END ") {
            pem = Pem::Outside;
        }
    }
    if let Some(line) = only_line(plaintext) {
        // In a file with a single line, the whole line is the password, whatever characters it has.
        consider(b"password", unquoted(line), &mut |value, reach| {
            found(ChosenValue {
                value,
                line: 1,
                of_key: false,
                reach,
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

/// The lines of a private key's body, even if they are written in one line with `\n`.
fn look_at_key(line: &[u8], found: &mut dyn FnMut(&[u8])) {
    for piece in line.split(|&byte| byte == b'\\' || byte == b'"') {
        let piece = piece.strip_prefix(b"n").unwrap_or(piece);
        if piece.len() >= SHORTEST_PEM_LINE && piece.iter().copied().all(is_base64) {
            found(piece);
        }
    }
}

/// Receives a value, and where it is searched for.
type TakesValues<'taker> = &'taker mut dyn FnMut(&[u8], Reach);

/// Judges one candidate. A value that is composed of several is split first.
fn consider(key: &[u8], value: &[u8], found: TakesValues<'_>) {
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
    if let Some(reach) = reach_of(key, value) {
        found(value, reach);
    }
}

/// Handles `user:password` in base64, as docker stores logins.
fn consider_basic_auth(value: &[u8], found: TakesValues<'_>) {
    let Ok(login) = STANDARD.decode(value).map(Zeroizing::new) else {
        return;
    };
    if let Some(colon) = login.iter().position(|&byte| byte == b':')
        && let Some(reach) = reach_of(b"password", &login[colon + 1..])
    {
        found(&login[colon + 1..], reach);
    }
}

/// The parts of a URL that may be secret: the password, parameters, and random parts of the path.
fn look_at_url(url: &[u8], found: TakesValues<'_>) {
    let path_start = url
        .iter()
        .position(|byte| b"/?#".contains(byte))
        .unwrap_or(url.len());
    let (authority, path) = url.split_at(path_start);
    if let Some(at) = authority.iter().rposition(|&byte| byte == b'@') {
        let user = &authority[..at];
        if let Some(colon) = user.iter().position(|&byte| byte == b':')
            && let Some(reach) = reach_of(b"password", &user[colon + 1..])
        {
            found(&user[colon + 1..], reach);
        }
    }
    for part in path.split(|byte| b"/?&#".contains(byte)) {
        let (key, value) = match part.iter().position(|&byte| byte == b'=') {
            Some(split) => (&part[..split], &part[split + 1..]),
            None => (&b""[..], part),
        };
        if let Some(reach) = reach_of(key, value) {
            found(value, reach);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(plaintext: &str) -> Vec<String> {
        let mut all = Vec::new();
        choose(plaintext.as_bytes(), &mut |choice| {
            if choice.reach != Reach::Everywhere {
                return;
            }
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
            (
                "{\"password\":\"ket\\u0026tle\\u00e44drum\"}",
                "ket&tleä4drum",
            ),
            ("[smtp]\npassword = kettle4drum\n", "kettle4drum"),
            (
                "login viktor password kettle4drum\nmachine x\n",
                "kettle4drum",
            ),
            ("<a><password>kettle4drum</password></a>\n", "kettle4drum"),
            ("kettle4drum\n", "kettle4drum"),
            // Only in YAML, and without quotes, this is an alias.
            ("*summer-house7\n", "*summer-house7"),
            ("DB_PASSWORD=*summer-house7\na=b\n", "*summer-house7"),
            ("password: '*summer-house7'\na: b\n", "*summer-house7"),
            ("password: \"&summer-house7\"\na: b\n", "&summer-house7"),
            (
                "machine x login viktor password *summer-house7\na\n",
                "*summer-house7",
            ),
            (
                "postgres://viktor:*summer-house7@db.home.example/x\n",
                "*summer-house7",
            ),
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
            "a: &summer-house7 {b: c}\npassword: *summer-house7 # an alias\n",
            "{\n  \"contact\": [\"mailto:anna@home.example\"]\n}\n",
            "RULE=Host(`grafana.home.example`)\nMODEL=gpt-4o-mini-2024-07-18\nBACKUP_BUCKET=lab-7x2k-Q9\n",
            "ZONE_ID=8d3f1b6c9e2a47058c7b4e1f6a9d2c03\nCLIENT_ID=3f2504e0-4f89-41d3-9a0c-0305e82c3301\n",
            "DEVICE=/dev/serial/by-id/usb-ITead_Sonoff_Zigbee_3.0_8a2f-if00-port0\na: b\n",
            "log_level = information\nenabled = true\n",
            "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----\n",
        ] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn weak_values_are_looked_for_under_names_and_common_ones_nowhere() {
        let mut reaches = Vec::new();
        let text = "DB_PASSWORD=summerhouse\nALARM_PIN=7392\nA_PASSWORD=wicker7\nB_PASSWORD=admin\nC_PASSWORD=password1\nUSER=anna\n";
        choose(text.as_bytes(), &mut |choice| {
            reaches.push((
                String::from_utf8_lossy(choice.value).into_owned(),
                choice.reach,
            ));
        });
        reaches.dedup();
        let reaches: Vec<(&str, Reach)> = reaches
            .iter()
            .map(|(value, reach)| (value.as_str(), *reach))
            .collect();
        let expected = [
            ("summerhouse", Reach::UnderNames),
            ("7392", Reach::UnderNames),
            ("wicker7", Reach::UnderNames),
            ("admin", Reach::Nowhere),
            ("password1", Reach::Nowhere),
        ];
        assert_eq!(reaches, expected);
    }

    #[test]
    fn each_line_of_a_private_key_is_a_value() {
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let text =
            format!("-----BEGIN PRIVATE KEY-----\n{line}\nshort==\n-----END PRIVATE KEY-----\n");
        assert_eq!(values(&text), [line]);
    }
}
