//! Tokens that are recognised by their form: an anchor, then runs of certain characters.
//!
//! The `table` beside this file lists them.

use std::ops::Range;

use crate::leaks::forms::settings::value::{contains, distinct_bytes};

/// The form of one kind of token.
pub(crate) struct Shape {
    /// The service that issues these tokens.
    pub(crate) owner: &'static str,
    /// The text to search for. The token begins with it, or with the characters `before` it.
    pub(crate) anchor: &'static str,
    /// The characters that must stand before the anchor, and how many.
    pub(super) before: Option<(Set, usize)>,
    /// The parts that must follow.
    pub(super) parts: &'static [Part],
}

pub(super) enum Part {
    /// Characters of a set, with the minimum and the maximum number of them.
    Run(Set, usize, usize),
    /// Exactly this text.
    Text(&'static str),
    /// Blanks and line ends, or nothing.
    Gap,
}

#[derive(Clone, Copy)]
pub(super) enum Set {
    Digits,
    LowerHex,
    UpperAndDigits,
    LowerAndDigits,
    Alphanumeric,
    /// Letters, digits, `-` and `_`.
    UrlSafe,
    /// Letters, digits, `-`, `_` and `.`.
    Dotted,
    /// Letters, digits, `-`, `_`, `.`, `@` and `!`.
    Account,
    /// Letters, digits, `+` and `/`.
    Base64,
    /// Letters, digits, `-`, `_`, `+`, `/`, `=` and `%`.
    Percent,
}

use Part::{Gap, Run, Text};
use Set::{
    Account, Alphanumeric, Base64, Digits, Dotted, LowerAndDigits, LowerHex, Percent,
    UpperAndDigits, UrlSafe,
};

/// A token that begins with its anchor.
pub(super) const fn shape(
    owner: &'static str,
    anchor: &'static str,
    parts: &'static [Part],
) -> Shape {
    Shape {
        owner,
        anchor,
        before: None,
        parts,
    }
}

/// A token with characters before its anchor.
pub(super) const fn shape_behind(
    before: (Set, usize),
    owner: &'static str,
    anchor: &'static str,
    parts: &'static [Part],
) -> Shape {
    Shape {
        owner,
        anchor,
        before: Some(before),
        parts,
    }
}

impl Shape {
    /// The token whose anchor stands at `anchor`.
    pub(crate) fn place_in(&self, content: &[u8], anchor: usize) -> Option<Range<usize>> {
        let mut start = anchor;
        if let Some((set, number)) = self.before {
            start = anchor.checked_sub(number)?;
            content[start..anchor]
                .iter()
                .all(|byte| set.has(*byte))
                .then_some(())?;
        }
        if start > 0 && is_word(content[start - 1]) && !self.anchor.contains('/') {
            return None;
        }
        let mut end = anchor + self.anchor.len();
        content.get(end..)?;
        for part in self.parts {
            let rest = content.get(end..)?;
            end += match part {
                Text(text) => rest.starts_with(text.as_bytes()).then_some(text.len())?,
                Gap => rest.len() - rest.trim_ascii_start().len(),
                Run(set, least, most) => {
                    let length = rest
                        .iter()
                        .take(*most)
                        .take_while(|byte| set.has(**byte))
                        .count();
                    (length >= *least).then_some(length)?
                }
            };
        }
        // After a closing character, the next character does not belong to the token.
        let is_closed = matches!(self.parts.last(), Some(Text(_)));
        let goes_on = !is_closed && content.get(end).is_some_and(|&byte| is_word(byte));
        let behind = &content[anchor + self.anchor.len()..end];
        let before = &content[start..anchor];
        let longer = if before.len() > behind.len() {
            before
        } else {
            behind
        };
        (!goes_on && is_varied(longer)).then_some(start..end)
    }
}

impl Set {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Digits => byte.is_ascii_digit(),
            LowerHex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            UpperAndDigits => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            LowerAndDigits => byte.is_ascii_digit() || byte.is_ascii_lowercase(),
            Alphanumeric => byte.is_ascii_alphanumeric(),
            UrlSafe => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Dotted => byte.is_ascii_alphanumeric() || b"-_.".contains(&byte),
            Account => byte.is_ascii_alphanumeric() || b"-_.@!".contains(&byte),
            Base64 => byte.is_ascii_alphanumeric() || b"+/".contains(&byte),
            Percent => byte.is_ascii_alphanumeric() || b"-_+/%=".contains(&byte),
        }
    }
}

/// The text in a Telegram bot's token between the bot's number and the secret, with the first letters of the secret.
pub(crate) const TELEGRAM_ANCHOR: &str = ":AA";

/// The token of a Telegram bot around the colon at `colon`: `<number>:AA…`.
pub(crate) fn telegram_token_around(content: &[u8], colon: usize) -> Option<(usize, usize)> {
    let digits = content[..colon]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .take(11)
        .count();
    let secret = content[colon + 1..]
        .iter()
        .take_while(|byte| UrlSafe.has(**byte))
        .take(36)
        .count();
    let body = &content[colon + 1..colon + 1 + secret];
    let fits = (8..=10).contains(&digits) && secret == 35 && body.starts_with(b"AA");
    (fits && is_varied(body)).then_some((colon - digits, colon + 1 + secret))
}

/// False for text that a person typed as an example: `xxxxxxxx`, `1234567890abcdef`, `…EXAMPLE`, `your_token_here`.
fn is_varied(body: &[u8]) -> bool {
    let lower = body.to_ascii_lowercase();
    let typed = [
        &b"example"[..],
        b"xxxx",
        b"1234567",
        b"abcdefg",
        b"your",
        b"0000000",
        b"placeholder",
        b"redacted",
    ];
    let is_mixed = body.iter().any(u8::is_ascii_digit)
        || (body.iter().any(u8::is_ascii_lowercase) && body.iter().any(u8::is_ascii_uppercase));
    distinct_bytes(body) >= 8 && is_mixed && !typed.iter().any(|word| contains(&lower, word))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaks::forms::tokens::examples::{body, token};
    use crate::leaks::forms::tokens::table::SHAPES;

    #[test]
    fn each_shape_finds_its_tokens_and_nothing_shorter() {
        for shape in SHAPES {
            let token = token(shape);
            let text = format!("x = \"{token}\"");
            let anchor = 5 + shape.before.map_or(0, |(_, number)| number);
            let place = shape.place_in(text.as_bytes(), anchor);
            assert_eq!(place, Some(5..5 + token.len()), "{}", shape.owner);
            let shorter = &text.as_bytes()[..4 + token.len()];
            assert_eq!(shape.place_in(shorter, anchor), None, "{}", shape.owner);
        }
    }

    #[test]
    fn behind_the_last_sign_of_a_token_anything_may_stand() {
        let shape = SHAPES
            .iter()
            .find(|shape| shape.anchor.starts_with("pushover"))
            .expect("a shape");
        let token = token(shape);
        let text = format!("{token}{}/", body(Alphanumeric, 30));
        assert_eq!(shape.place_in(text.as_bytes(), 0), Some(0..token.len()));
    }

    #[test]
    fn a_telegram_token_is_a_number_and_a_secret_of_its_length() {
        let token = format!("123456789:AA{}", body(UrlSafe, 33));
        let text = format!("https://api.telegram.org/bot{token}/getMe");
        assert_eq!(
            telegram_token_around(text.as_bytes(), 37),
            Some((28, 28 + token.len()))
        );
        for other in ["12:AA", "aa:AA:bb:cc", "123456789:AA12"] {
            let colon = other.find(':').expect("a colon");
            assert_eq!(telegram_token_around(other.as_bytes(), colon), None);
        }
    }

    #[test]
    fn tokens_that_somebody_typed_are_passed_over() {
        for typed in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ] {
            assert!(
                SHAPES.iter().all(|shape| !typed.starts_with(shape.anchor)
                    || shape.place_in(typed.as_bytes(), 0).is_none()),
                "{typed}"
            );
        }
    }
}
