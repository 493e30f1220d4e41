//! Finds the value that belongs to a name, in the notations of settings, programs, markup and command lines.

use std::ops::Range;

use super::dialect::Dialect;
use super::value::contains;
use crate::format::is_base64;
use crate::leaks::forms::yaml_lines::YamlLine;

/// Maximum length of a value that is looked at.
pub(super) const LONGEST_VALUE: usize = 200;
/// Maximum length of the text between a name and the word that announces its value.
pub(super) const LONGEST_GAP: usize = 60;

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) place: Range<usize>,
    pub(super) form: Form,
}

/// The way in which a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Between quotes, or between the tags of markup.
    Delimited,
    /// Without quotes, alone in its line.
    Bare,
    /// Without quotes, followed by other words.
    BareAmongOthers,
    /// At a place where only a value that looks like a password counts: after a blank, or below a label.
    Loose,
}

/// The value of the name at `name`.
pub(super) fn value_of(content: &[u8], name: &Range<usize>, dialect: Dialect) -> Option<Written> {
    let text = Text { content, dialect };
    let end = name.end;
    match content.get(end)? {
        b'=' | b':' => text.assigned(name, end),
        b'>' if content[..name.start].ends_with(b"<") => text.up_to_tag(end + 1, Form::Delimited),
        b'>' | b'<' => text.paired(end),
        b'"' | b'\'' | b'`' => text.behind_quote(name),
        b']' => text.indexed(name, end),
        b'(' => text.given_to_builder(name),
        b'[' => {
            let rest = content.get(end..(end + 12).min(content.len()))?;
            let close = rest.iter().position(|&byte| byte == b']')?;
            text.assigned(name, text.blank(end + close + 1))
        }
        b' ' | b'\t' | b'\n' | b'\r' | b',' => text.behind_blank(name),
        _ => None,
    }
}

/// True for four groups of four lower-case letters: the app passwords that mail services generate.
pub(super) fn is_in_four_groups(value: &[u8]) -> bool {
    let is_group = |group: &[u8]| group.len() == 4 && group.iter().all(u8::is_ascii_lowercase);
    value.len() == 19 && value.split(|&byte| byte == b' ').all(is_group)
}

/// True for a text in base64 that is longer than the limit. Certificates and public keys begin with `MII` and do not count.
fn is_long_text_in_base64(text: &[u8]) -> bool {
    text.len() + 1 == LONGEST_VALUE
        && text.iter().all(|&byte| is_base64(byte))
        && !text.starts_with(b"MII")
}

/// A text in its dialect.
pub(super) struct Text<'content> {
    pub(super) content: &'content [u8],
    pub(super) dialect: Dialect,
}

impl Text<'_> {
    /// The first offset from `from` on that is no blank.
    pub(super) fn blank(&self, from: usize) -> usize {
        let rest = self.content.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| b" \t".contains(byte)).count()
    }

    /// The line from `from` on, up to the maximum length of a value.
    pub(super) fn line(&self, from: usize) -> &[u8] {
        let rest = self
            .content
            .get(from..(from + LONGEST_VALUE).min(self.content.len()));
        let rest = rest.unwrap_or_default();
        &rest[..rest
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(rest.len())]
    }

    /// The value in `name = value`, `name: value`, `name := value`, `name => value`, `name: type = value`, with the sign at `at`.
    pub(super) fn assigned(&self, name: &Range<usize>, at: usize) -> Option<Written> {
        let rest = self.content.get(at..)?;
        if rest.starts_with(b"==") || rest.starts_with(b"::") {
            return None;
        }
        let sign = [&b":="[..], b"=>", b"=", b":"]
            .into_iter()
            .find(|sign| rest.starts_with(sign))?;
        let start = self.blank(at + sign.len());
        let line = self.line(start);
        if matches!(line.trim_ascii(), b"" | b"\\" | b"(") {
            return self.in_next_line(start + line.len() + 1);
        }
        match line.first() {
            Some(quote @ (b'"' | b'\'' | b'`')) => self.quoted(start, *quote),
            Some(b'@' | b'b' | b'r' | b'u' | b'L') if matches!(line.get(1), Some(b'"' | b'\'')) => {
                self.quoted(start + 1, line[1])
            }
            Some(b'0'..=b'9') if sign == b":" && self.dialect == Dialect::Quoted => {
                self.number(start)
            }
            Some(b'[') if sign != b"=>" => self.one_in_list(start),
            _ if sign == b":" && !self.dialect.has_bare_values() => self.behind_type(start),
            _ if self.is_within_string(name) => self.up_to_quote(start),
            Some(_) if self.is_in_connection_string(name) => self.up_to_semicolon(start),
            Some(b'|' | b'>') if self.dialect == Dialect::Settings => self.block(start),
            Some(_) if self.dialect.has_bare_values() => {
                let typed = (sign == b":").then(|| self.behind_type(start)).flatten();
                typed.or_else(|| self.bare(name, start, sign == b"=" && start == at + 1))
            }
            _ => None,
        }
    }

    /// The value between quotes that begin at `start`.
    pub(super) fn quoted(&self, start: usize, quote: u8) -> Option<Written> {
        if self.line(start).starts_with(&[quote; 3]) {
            return self.in_three_quotes(start, quote);
        }
        let inside = &self.line(start)[1..];
        let mut escaped = false;
        let length = inside.iter().position(|&byte| {
            let closes = byte == quote && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let length = length.or_else(|| is_long_text_in_base64(inside).then_some(inside.len()))?;
        Some(Written {
            place: start + 1..start + 1 + length,
            form: Form::Delimited,
        })
    }

    /// The number at `start`, if a comma, a closing bracket or the end follows it, as in JSON.
    fn number(&self, start: usize) -> Option<Written> {
        let line = self.line(start);
        let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let behind = line[digits..].trim_ascii_start().first();
        behind
            .is_none_or(|byte| b",}]".contains(byte))
            .then(|| Written {
                place: start..start + digits,
                form: Form::Bare,
            })
    }

    /// The word at `start`. With `is_tight`, only the sign stands between the name and the word, without blanks.
    pub(super) fn bare(
        &self,
        name: &Range<usize>,
        start: usize,
        is_tight: bool,
    ) -> Option<Written> {
        let line = self.line(start);
        let is_parameter = matches!(self.content[..name.start].last(), Some(b'?' | b'&'));
        if is_parameter && self.is_badge(name.start) {
            return None;
        }
        let ends = |byte: &u8| {
            byte.is_ascii_whitespace()
                || b",;\"'<>()[]{}".contains(byte)
                || (is_parameter && b"&#".contains(byte))
                || (self.dialect == Dialect::Document && *byte == b'`')
        };
        let length = line.iter().position(ends).unwrap_or(line.len());
        // A call, an index or a template.
        if length == 0 || line.get(length).is_some_and(|next| b"([{".contains(next)) {
            return None;
        }
        if is_in_four_groups(line.trim_ascii_end()) {
            return Some(Written {
                place: start..start + line.trim_ascii_end().len(),
                form: Form::Delimited,
            });
        }
        let rest = line[length..].trim_ascii();
        let is_alone =
            rest.is_empty() || rest.starts_with(b"#") || b",;})]\"'<`".contains(&rest[0]);
        // `docker run -e NAME=value image`, and not `NAME=value is what you set`.
        let among_arguments = is_tight && !self.begins_line(name);
        let form = match self.content[..name.start].last() {
            // After a slash, the name is part of a path or of a media type.
            Some(b'/') => Form::Loose,
            _ if is_alone || among_arguments => Form::Bare,
            _ if is_tight && self.is_before_command(name) => Form::Bare,
            _ => Form::BareAmongOthers,
        };
        let place = start..start + length;
        Some(Written { place, form })
    }

    /// True if only blanks and `#` stand before the name in its line.
    pub(super) fn begins_line(&self, name: &Range<usize>) -> bool {
        let before = self.content[..name.start].iter().rev();
        let mut line = before.take_while(|&&byte| byte != b'\n');
        line.all(|byte| byte.is_ascii_whitespace() || *byte == b'#')
    }

    /// True for the URL of a badge in a public text. The token in it gives access to this picture alone.
    pub(super) fn is_badge(&self, parameter: usize) -> bool {
        let url = &self.content[parameter.saturating_sub(LONGEST_GAP)..parameter];
        contains(url, b"badge") || contains(url, b".svg")
    }

    /// The first line of the block scalar of YAML whose `|` or `>` stands at `start`.
    pub(super) fn block(&self, start: usize) -> Option<Written> {
        let sign = self.line(start).trim_ascii();
        let is_sign = sign.len() <= 3 && sign[1..].iter().all(|byte| b"-+123456789".contains(byte));
        if !is_sign {
            return None;
        }
        let named = YamlLine::around(self.content, start);
        let place = named.first_deeper(self.content)?.text;
        let is_plain = place.len() <= LONGEST_VALUE && !self.content[place.clone()].contains(&b' ');
        is_plain.then_some(Written {
            place,
            form: Form::Delimited,
        })
    }

    /// The value after a type at `start`: `str = "value"`.
    pub(super) fn behind_type(&self, start: usize) -> Option<Written> {
        let line = self.line(start);
        let of_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"_&'<>[]?|.* ".contains(byte);
        let length = line
            .iter()
            .take(LONGEST_GAP)
            .take_while(|byte| of_type(byte))
            .count();
        let rest = &line[length..];
        let is_sign =
            rest.starts_with(b"=") && !rest.starts_with(b"==") && !rest.starts_with(b"=>");
        let value = self.blank(start + length + 1);
        match self.line(value).first() {
            Some(quote @ (b'"' | b'\'' | b'`')) if is_sign && length > 0 => {
                self.quoted(value, *quote)
            }
            _ => None,
        }
    }

    /// True for `NAME=` at the beginning of a string, or of a line in a string: `"A=1\nNAME=value"`.
    pub(super) fn is_within_string(&self, name: &Range<usize>) -> bool {
        let before = &self.content[..name.start];
        !self.dialect.has_bare_values()
            && self.content.get(name.end) == Some(&b'=')
            && (before.ends_with(b"\"") || before.ends_with(b"'") || before.ends_with(b"\\n"))
    }

    pub(super) fn up_to_quote(&self, start: usize) -> Option<Written> {
        let line = self.line(start);
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\\\"'`&".contains(byte);
        let length = line.iter().position(ends)?;
        Some(Written {
            place: start..start + length,
            form: Form::Bare,
        })
    }

    /// True after the semicolon of `Server=db;Password=…`.
    pub(super) fn is_in_connection_string(&self, name: &Range<usize>) -> bool {
        let mut before = self.content[..name.start].iter().rev().copied();
        let sign = before.find(|byte| !b" \t".contains(byte));
        sign == Some(b';') && self.content.get(name.end) == Some(&b'=')
    }

    pub(super) fn up_to_semicolon(&self, start: usize) -> Option<Written> {
        let line = self.line(start);
        let ends = |byte: &u8| b";\"'`<".contains(byte);
        let length = line.iter().position(ends).unwrap_or(line.len());
        Some(Written {
            place: start..start + length,
            form: Form::Bare,
        })
    }

    /// The value of a quoted name: `"name": value`, `['name'] = value`, `("name", "value")`, `name="…" value="…"` and others.
    pub(super) fn behind_quote(&self, name: &Range<usize>) -> Option<Written> {
        let end = self.blank(name.end + 1);
        match self.content.get(end)? {
            b'=' | b':' => self.assigned(name, end),
            b']' => self.indexed(name, end),
            b')' => self.instead(self.blank(end + 1)),
            b'>' => self.up_to_tag(end + 1, Form::Loose),
            b'{' => self.default_in_block(end),
            b',' if self.content[..name.start].ends_with(b"\"--")
                || self.content[name.start..].starts_with(b"--") =>
            {
                self.word(self.blank(end + 1))
            }
            b',' => self.paired(name.end).or_else(|| self.argument(name, end)),
            _ => self.paired(name.end),
        }
    }

    /// The value in `['name'] = value` or `['name'] ?? value`, with the bracket at `at`.
    pub(super) fn indexed(&self, name: &Range<usize>, at: usize) -> Option<Written> {
        let sign = self.blank(at + 1);
        match self.content.get(sign)? {
            b'=' => self.assigned(name, sign),
            _ => self.instead(sign),
        }
    }
}
