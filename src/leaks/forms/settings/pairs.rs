//! Values that another word announces: pairs of a name and a value, arguments of calls, elements, defaults of variables.

use std::ops::Range;

use super::written::{Form, LONGEST_GAP, Text, Written};

/// Maximum length of a block that may hold the default of a variable.
const LONGEST_BLOCK: usize = 600;

impl Text<'_> {
    /// `define('name', 'value')`: the second string of a call, where the comma stands at `comma`.
    pub(super) fn argument(&self, name: &Range<usize>, comma: usize) -> Option<Written> {
        let before = self.content[..name.start.saturating_sub(1)].trim_ascii_end();
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

    /// The value behind the word `value` that follows a name at `from`: `"name": "X", "value": "…"`, `- name: X` before
    /// `value: …`, `<property name="X" value="…"/>`, `<name>X</name><value>…`.
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

    /// The text of an element that begins at `start`.
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

    /// The default of a variable of Terraform, whose block begins at `at`.
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
