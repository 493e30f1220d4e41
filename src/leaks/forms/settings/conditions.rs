//! Conditions on a value from a request, as in nginx: `if ($http_x_api_key != "value")`.

use std::ops::Range;

use super::written::{Text, Written};

/// Beginnings of the names of nginx variables whose values come from the request.
const OF_REQUESTS: [&[u8]; 3] = [b"http_", b"arg_", b"cookie_"];

/// True if the name is a variable from the request that a condition compares with a value.
pub(super) fn is_of_request(content: &[u8], name: &Range<usize>) -> bool {
    let text = &content[name.clone()];
    content[..name.start].ends_with(b"($") && OF_REQUESTS.iter().any(|part| text.starts_with(part))
}

impl Text<'_> {
    /// The value after the `!=` at `sign`.
    pub(super) fn compared(&self, name: &Range<usize>, sign: usize) -> Option<Written> {
        let is_compared = self.content[sign..].starts_with(b"!=");
        let start = self.blank(sign + 2);
        match self.line(start).first().filter(|_| is_compared)? {
            quote @ (b'"' | b'\'') => self.quoted(start, *quote),
            _ => self.bare(name, start, false),
        }
    }
}
