//! Passwords after the name of a scheme that stores them in plain text, as in Dovecot's `user:{PLAIN}password`.

use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;

/// The names of such schemes.
pub(crate) const OPEN_SCHEMES: [&str; 3] = ["{PLAIN}", "{CLEAR}", "{CLEARTEXT}"];

/// Maximum length of a password.
const LONGEST: usize = 200;

/// The password after the scheme's name that ends at `start`.
pub(crate) fn password_behind_scheme(
    content: &[u8],
    start: usize,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let rest = content[start..].iter().take(LONGEST);
    let is_part = |byte: &&u8| byte.is_ascii_graphic() && !b":\"'`,<".contains(byte);
    let end = start + rest.take_while(is_part).count();
    is_password(&content[start..end], dialect).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        let start = text.find('}').expect("a scheme") + 1;
        let place = password_behind_scheme(text.as_bytes(), start, Dialect::Settings);
        place.map(|(start, end)| &text[start..end])
    }

    #[test]
    fn open_passwords_are_told_from_variables() {
        for text in [
            "berta:{PLAIN}summerhouse:1000:1000::/home/berta",
            "password = '{CLEARTEXT}summerhouse'",
        ] {
            assert_eq!(found(text), Some("summerhouse"), "{text}");
        }
        for text in [
            "berta:{PLAIN}%w",
            "berta:{PLAIN}${PASSWORD}",
            "default_pass_scheme = {PLAIN}",
            "{plain} text",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
