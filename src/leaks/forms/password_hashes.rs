//! Hashed passwords, as in the files of basic auth, `/etc/shadow` and LDAP directories.

use super::settings::placeholders::is_placeholder;
use crate::format::is_base64;

/// Maximum length of a hash.
const LONGEST: usize = 200;

/// The beginning of a password as PostgreSQL stores it.
pub(crate) const SCRAM: &str = "SCRAM-SHA-256$";

/// The end of the password hash at `start`: `$apr1$salt$hash` and similar forms, or `{SHA}hash`.
pub(crate) fn hash_at(content: &[u8], start: usize) -> Option<usize> {
    let rest = &content[start..(start + LONGEST).min(content.len())];
    if rest.starts_with(SCRAM.as_bytes()) {
        return scram_hash(rest).map(|length| start + length);
    }
    if rest.starts_with(b"{") {
        return directory_hash(rest).map(|length| start + length);
    }
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"./+=,$-_".contains(byte);
    let hash = &rest[..rest
        .iter()
        .position(|byte| !part(byte))
        .unwrap_or(rest.len())];
    // A stack file doubles the dollar signs, which gives empty pieces.
    let pieces: Vec<&[u8]> = hash
        .split(|&byte| byte == b'$')
        .filter(|piece| !piece.is_empty())
        .collect();
    let body = pieces.last()?;
    let is_varied = !is_placeholder(body);
    let long_enough = match *pieces.first()? {
        b"apr1" | b"1" => body.len() == 22,
        b"2a" | b"2b" | b"2y" => body.len() == 53,
        b"5" | b"8" | b"9" => body.len() == 43,
        b"6" => body.len() == 86,
        b"P" | b"H" => return (body.len() == 31 && is_varied).then_some(start + hash.len()),
        b"S" => return (body.len() == 52 && is_varied).then_some(start + hash.len()),
        b"y" | b"7" | b"argon2id" | b"argon2i" => body.len() >= 40,
        b"pbkdf2_sha256" => body.len() >= 43,
        kind => kind.starts_with(b"pbkdf2-") && body.len() >= 27,
    };
    (long_enough && is_varied && pieces.len() >= 3 - usize::from(body.len() == 53))
        .then_some(start + hash.len())
}

/// The length of `SCRAM-SHA-256$iterations:salt$stored:server`, as PostgreSQL stores a password.
fn scram_hash(rest: &[u8]) -> Option<usize> {
    let part = |byte: &&u8| is_base64(**byte) || b"=:$-".contains(byte);
    let length = rest.iter().take_while(part).count();
    let (_, server) = split_at_last(&rest[..length], b':')?;
    let (_, stored) = split_at_last(&rest[..length - server.len() - 1], b'$')?;
    (server.len() == 44 && stored.len() == 44 && !is_placeholder(stored)).then_some(length)
}

fn split_at_last(text: &[u8], sign: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().rposition(|&byte| byte == sign)?;
    Some((&text[..place], &text[place + 1..]))
}

/// The length of `{SHA}` or `{SSHA…}` with the base64 text after it, which encodes at least 20 bytes.
fn directory_hash(rest: &[u8]) -> Option<usize> {
    let begin = rest.iter().position(|&byte| byte == b'}')? + 1;
    let length = rest[begin..]
        .iter()
        .take_while(|byte| is_base64(**byte))
        .count();
    let body = &rest[begin..begin + length];
    (begin <= 9 && length >= 28 && !is_placeholder(body)).then_some(begin + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_hash_is_told_from_what_only_begins_like_it() {
        let body = |length: usize| "kJ82hQp0aLz9Xw3TgB5mV".repeat(5)[..length].to_owned();
        for hash in [
            format!("$apr1$x8Qk2l0a${}", body(22)),
            format!("$1$x8Qk2l0a${}", body(22)),
            format!("$2y$05${}", body(53)),
            format!("$$2y$$05$${}", body(53)),
            format!("$6$x8Qk2l0a${}", body(86)),
            format!("$7$101$x8Qk2l0a==${}==", body(86)),
            format!("$pbkdf2-sha512$310000$x8Qk2l0a${}", body(86)),
            format!("$8$x8Qk2l0aB3nM7v${}", body(43)),
            format!("$P$B{}", body(30)),
            format!("$S$D{}", body(51)),
            format!("pbkdf2_sha256$600000$x8Qk2l0a${}=", body(43)),
            format!("SCRAM-SHA-256$4096:x8Qk2l0a==${}=:{}=", body(43), body(43)),
            format!("{{SHA}}{}=", body(27)),
            format!("{{SSHA512}}{}=", body(80)),
        ] {
            let text = format!("anna:{hash}\n");
            assert_eq!(hash_at(text.as_bytes(), 5), Some(5 + hash.len()), "{hash}");
        }
        for other in [
            "$1$2",
            "$6$rounds",
            "{SHA}short",
            "$7$101$a$b",
            "{SSHA",
            "$P$Bx",
            "SCRAM-SHA-256$4096:a$b:c",
        ] {
            assert_eq!(hash_at(other.as_bytes(), 0), None, "{other}");
        }
    }
}
