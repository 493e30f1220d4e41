//! Values announced by another word: pairs of a name and a value, arguments of calls, XML elements, defaults of variables.

use std::ops::Range;

use super::value::contains;
use super::written::{Form, LONGEST_GAP, Text, Written};

/// Maximum length of a block that may hold the default of a variable.
const LONGEST_BLOCK: usize = 600;

/// Beginnings of the names of functions whose argument is not a new secret, for example because they look one up.
const OTHER_VERBS: [&str; 14] = [
    "get", "find", "load", "read", "fetch", "hash", "check", "verify", "valid", "parse", "is",
    "has", "encode", "decode",
];

impl Text<'_> {
    /// The second argument in `define('name', 'value')`, where `comma` is the offset of the comma.
    pub(super) fn argument(&self, name: &Range<usize>, comma: usize) -> Option<Written> {
        let before = self.content[..name.start.saturating_sub(1)].trim_ascii_end();
        if before.ends_with(b",") {
            return self.field_of_build(before, comma);
        }
        let before = before.strip_suffix(b"(")?.trim_ascii_end();
        let sets = [
            &b"define"[..],
            b"setproperty",
            b"setenv",
            b"putenv",
            b"put",
            b"set",
            b"setdefault",
            b"property",
            b"env",
            b"getenv",
            b"environ.get",
            b"env.get",
            b"env.fetch",
        ];
        let start = self.blank(comma + 1);
        let quote = *self
            .line(start)
            .first()
            .filter(|byte| b"\"'".contains(byte))?;
        let written = self.quoted(start, quote)?;
        let called = &before[before.len().saturating_sub(12)..].to_ascii_lowercase();
        let form = if sets.iter().any(|name| called.ends_with(name)) {
            written.form
        } else {
            Form::Loose
        };
        Some(Written { form, ..written })
    }

    /// The only argument of a setter: `.password("value")`, `setPassword("value")`.
    pub(super) fn given_to_builder(&self, name: &Range<usize>) -> Option<Written> {
        let text = &self.content[name.clone()];
        let last = text.rsplit(|&byte| byte == b'.').next()?;
        let last = last.to_ascii_lowercase();
        let sets = last.len() < text.len() || last.starts_with(b"set");
        let is_other = OTHER_VERBS
            .iter()
            .any(|verb| last.starts_with(verb.as_bytes()));
        let start = name.end + 1;
        let quote = *self
            .line(start)
            .first()
            .filter(|byte| b"\"'".contains(byte))?;
        let written = self.quoted(start, quote)?;
        let is_only = self.content.get(written.place.end + 1) == Some(&b')');
        (sets && !is_other && is_only).then_some(Written {
            form: Form::Loose,
            ..written
        })
    }

    /// Gradle's `buildConfigField "String", "name", "\"value\""`: the third string, which has quotes of its own inside.
    fn field_of_build(&self, before: &[u8], comma: usize) -> Option<Written> {
        let line = &before[before.len().saturating_sub(LONGEST_GAP)..];
        let is_field = contains(line, b"buildConfigField") || contains(line, b"resValue");
        let start = self.blank(comma + 1);
        let quotes = self.line(start).iter().take(3);
        let quotes = quotes.take_while(|byte| b"\"'\\".contains(byte)).count();
        let rest = &self.line(start)[quotes..];
        let length = rest.iter().position(|byte| b"\"'\\".contains(byte))?;
        (is_field && quotes > 0).then(|| Written {
            place: start + quotes..start + quotes + length,
            form: Form::Delimited,
        })
    }

    /// The value after the word `value` that follows a name which ends at `from`: `"name": "X", "value": "…"`,
    /// `- name: X` before `value: …`, `<property name="X" value="…"/>`, `<name>X</name><value>…`.
    pub(super) fn paired(&self, from: usize) -> Option<Written> {
        let gap = self
            .content
            .get(from..(from + LONGEST_GAP).min(self.content.len()))?;
        let parts = |byte: &u8| b"\"' \t\r\n,<>/{}-".contains(byte) || byte.is_ascii_alphabetic();
        let gap = &gap[..gap
            .iter()
            .position(|byte| !parts(byte))
            .unwrap_or(gap.len())];
        let at = gap
            .windows(5)
            .position(|word| word.eq_ignore_ascii_case(b"value"))?;
        let between = gap[..at].split(|byte| !byte.is_ascii_alphabetic());
        let mut words = between.filter(|word| !word.is_empty());
        if !words.all(|word| [&b"name"[..], b"key"].contains(&word)) {
            return None;
        }
        let mut end = from + at + 5;
        if matches!(self.content.get(end), Some(b'"' | b'\'')) {
            end += 1;
        }
        end = self.blank(end);
        let start = self.blank(end + 1);
        match self.content.get(end)? {
            b'>' => self.up_to_tag(end + 1, Form::Delimited),
            b':' | b'=' => match self.line(start).first()? {
                quote @ (b'"' | b'\'') => self.quoted(start, *quote),
                _ if self.dialect.has_bare_values() => self.bare(&(end..end), start, false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text of an XML element that begins at `start`.
    pub(super) fn up_to_tag(&self, start: usize, form: Form) -> Option<Written> {
        let line = self.line(start);
        let length = line.windows(2).position(|window| window == b"</")?;
        let lead = length - line[..length].trim_ascii_start().len();
        let length = line[..length].trim_ascii_end().len();
        (lead < length).then(|| Written {
            place: start + lead..start + length,
            form,
        })
    }

    /// The default of a Terraform variable whose block begins at `at`.
    pub(super) fn default_in_block(&self, at: usize) -> Option<Written> {
        let block = self
            .content
            .get(at..(at + LONGEST_BLOCK).min(self.content.len()))?;
        let block = &block[..block
            .windows(2)
            .position(|window| window == b"\n}")
            .unwrap_or(block.len())];
        let word = b"default";
        let starts = block.windows(word.len()).enumerate().skip(1);
        let mut values = starts
            .filter(|(place, window)| window == word && block[place - 1].is_ascii_whitespace())
            .map(|(place, _)| self.blank(at + place + word.len()))
            .filter(|&sign| self.content.get(sign) == Some(&b'='));
        let start = self.blank(values.next()? + 1);
        (self.line(start).first() == Some(&b'"')).then(|| self.quoted(start, b'"'))?
    }
}
