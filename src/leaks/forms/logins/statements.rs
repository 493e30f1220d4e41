//! Passwords in statements that create users: `IDENTIFIED BY 'password'` in SQL, `createUser` in SNMP.

use std::ops::Range;

use super::commands::words;
use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;

/// The words before the password in an SQL statement.
pub(crate) const STATEMENT: &str = "identified by";

/// The word before the name of an SNMP user.
pub(crate) const SNMP_USER: &str = "createUser ";

/// First letters of the names of protocols, each of which is followed by a passphrase.
const PROTOCOLS: [&[u8]; 4] = [b"MD5", b"SHA", b"DES", b"AES"];

/// The passphrases of the SNMP user whose name begins at `start`: `name SHA "passphrase" AES "passphrase"`.
pub(crate) fn passphrases_of_user(
    content: &[u8],
    start: usize,
    dialect: Dialect,
) -> Vec<Range<usize>> {
    let words = words(content, start);
    let is_protocol = |word: &[u8]| {
        let upper = word.to_ascii_uppercase();
        word.len() <= 8 && PROTOCOLS.iter().any(|name| upper.starts_with(name))
    };
    let pairs = words.windows(2);
    let behind = pairs.filter(|pair| is_protocol(&content[pair[0].clone()]));
    behind
        .map(|pair| pair[1].clone())
        .filter(|place| is_password(&content[place.clone()], dialect))
        .collect()
}

/// Maximum length of a password, including the text before it.
const LONGEST: usize = 200;

/// The password in quotes after the words that end at `end`.
pub(crate) fn password_in_statement(
    content: &[u8],
    end: usize,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let rest = &content[end..(end + LONGEST).min(content.len())];
    let rest = rest.split(|&byte| byte == b'\n').next()?;
    let open = rest.iter().position(|byte| b"'\"".contains(byte))?;
    let between = rest[..open].trim_ascii();
    let is_plain = between.is_empty() || between.eq_ignore_ascii_case(b"password");
    let length = rest[open + 1..]
        .iter()
        .position(|&byte| byte == rest[open])?;
    let start = end + open + 1;
    (is_plain && is_password(&content[start..start + length], dialect))
        .then_some((start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_of_an_snmp_user_has_a_passphrase() {
        let text =
            "createUser -e 0x80001f berta SHA-256 \"summerhouse\" AES wickerbasket\nrwuser berta\n";
        let found = passphrases_of_user(text.as_bytes(), SNMP_USER.len(), Dialect::Settings);
        let found: Vec<&str> = found.into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["summerhouse", "wickerbasket"]);
        let other = "createUser berta SHA $AUTH DES $PRIVACY\n";
        assert!(
            passphrases_of_user(other.as_bytes(), SNMP_USER.len(), Dialect::Settings).is_empty()
        );
    }
}
