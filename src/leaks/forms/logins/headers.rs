//! Credentials in HTTP headers: after `Bearer`, and in base64 after `Basic`.

use crate::format::is_base64;
use crate::leaks::forms::encoded::{encoded_text, has_password, is_login};
use crate::leaks::forms::settings::assignments::looks_like_secret;

/// Maximum length of credentials.
const LONGEST: usize = 400;
/// Minimum length of a token. Shorter ones are mostly examples.
const SHORTEST_BEARER: usize = 20;

/// The end of the token that begins at `start`, after `Bearer `.
pub(crate) fn bearer_at(content: &[u8], start: usize) -> Option<usize> {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let length = content[start..]
        .iter()
        .take(LONGEST)
        .take_while(part)
        .count();
    let token = &content[start..start + length];
    (length >= SHORTEST_BEARER && looks_like_secret(token)).then_some(start + length)
}

/// The end of the login in base64 that begins at `start`, after `Basic `.
pub(crate) fn basic_at(content: &[u8], start: usize) -> Option<usize> {
    let rest = content[start..].iter().take(LONGEST);
    let length = rest
        .take_while(|&&byte| is_base64(byte) || byte == b'=')
        .count();
    let text = encoded_text(&content[start..start + length])?;
    (is_login(&text) && has_password(&text)).then_some(start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_behind_basic_are_told_from_words() {
        // "berta:bluebicycle", and "username:password".
        let login = b"Basic YmVydGE6Ymx1ZWJpY3ljbGU=\"";
        assert_eq!(basic_at(login, 6), Some(login.len() - 1));
        for other in ["Basic dXNlcm5hbWU6cGFzc3dvcmQ=", "Basic settings", "Basic "] {
            assert_eq!(basic_at(other.as_bytes(), 6), None, "{other}");
        }
    }
}
