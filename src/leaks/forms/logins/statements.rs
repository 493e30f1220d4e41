//! Passwords in statements of SQL: `IDENTIFIED BY 'password'`.

use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;

/// The words before the password of a statement.
pub(crate) const STATEMENT: &str = "identified by";

/// Maximum length of a password with what stands before it.
const LONGEST: usize = 200;

/// The password in quotes behind the words that end at `end`.
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
