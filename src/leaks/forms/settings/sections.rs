//! Settings in sections: below `[name]` as in Asterisk, or after `name {` as in FreeRADIUS.
//!
//! In such a section, `secret` is a password between two machines. Elsewhere it may be the name of a secret that is kept
//! in another place.

use std::ops::Range;

use super::chosen::{is_chosen, is_identifier};

/// Maximum number of bytes between a setting and the beginning of its section.
const FARTHEST: usize = 2 << 10;

/// The names of settings whose values are passwords in a section.
const NAMES: [&[u8]; 2] = [b"secret", b"remotesecret"];

/// True if `name` is such a setting in a section, and `value` a password that a person chose.
pub(super) fn is_secret_in_section(content: &[u8], name: &Range<usize>, value: &[u8]) -> bool {
    let is_assigned = || content[name.end..].trim_ascii_start().starts_with(b"=");
    NAMES.contains(&&content[name.clone()])
        && is_assigned()
        && is_in_section(content, name.start)
        && is_chosen(value)
        && !is_identifier(value)
}

/// True if only blanks stand before `place` in its line, and an earlier line begins a section.
fn is_in_section(content: &[u8], place: usize) -> bool {
    let before = &content[place.saturating_sub(FARTHEST)..place];
    let mut lines = before.rsplit(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines.next().is_some_and(<[u8]>::is_empty) && lines.any(begins_section)
}

/// True for `[name]` and `name {`, but not for a condition or a function of a shell.
fn begins_section(line: &[u8]) -> bool {
    let is_in_brackets = line.starts_with(b"[")
        && line.contains(&b']')
        && line.get(1).is_some_and(u8::is_ascii_alphanumeric);
    let is_before_brace = line.strip_suffix(b"{").is_some_and(|name| {
        let name = name.trim_ascii_end();
        name.first().is_some_and(u8::is_ascii_alphanumeric) && !name.ends_with(b")")
    });
    is_in_brackets || is_before_brace
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str) -> bool {
        let start = text.find("secret").expect("a setting");
        let value = text[start + 6..].trim_matches([' ', '=', '>', '\n', '"', '}', ';']);
        is_secret_in_section(text.as_bytes(), &(start..start + 6), value.as_bytes())
    }

    #[test]
    fn a_secret_between_machines_is_told_from_the_name_of_one() {
        for found in [
            "[101](phone)\ntype=friend\nsecret=summerhouse\n",
            "[101]\nsecret => summerhouse\n",
            "client 10.0.0.0/24 {\n\tsecret = \"summerhouse\"\n}\n",
        ] {
            assert!(is_found(found), "{found}");
        }
        for other in [
            "secret=summerhouse\n",
            "create() {\n  secret=summerhouse\n}\n",
            "if [ -n \"$X\" ]; then\n  secret=summerhouse\n",
            "[web]\nsecret: summerhouse\n",
            "[web]\nthe secret = summerhouse\n",
            "[web]\nsecret = web-secret\n",
            "[web]\nsecret = shop-config\n",
            "client nas {\n  secret = testing123\n}\n",
        ] {
            assert!(!is_found(other), "{other}");
        }
    }
}
