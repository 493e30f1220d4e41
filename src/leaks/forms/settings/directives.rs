//! Values that only a blank parts from their names: directives of servers, options of commands.

use std::ops::Range;

use super::dialect::Dialect;
use super::written::{Form, Text, Written};

impl Text<'_> {
    /// A value that only a blank, or the end of a line, parts from its name.
    pub(super) fn behind_blank(&self, name: &Range<usize>) -> Option<Written> {
        let start = self.blank(name.end);
        match self.content.get(start)? {
            b'=' | b':' => return self.assigned(name, start),
            b',' | b'\n' | b'\r' if self.is_option(name) => return self.next_in_list(start),
            b',' | b'\n' | b'\r' => return self.paired(start),
            _ if self.is_option(name) => return self.word(start),
            _ => {}
        }
        let line = self.line(start);
        match line.first()? {
            quote @ (b'"' | b'\'') => self.quoted(start, *quote).map(|written| Written {
                form: self.form_behind_blank(name),
                ..written
            }),
            // `apiKey string = "value"`.
            _ if self.dialect == Dialect::Program => self.behind_type(start),
            _ if self.dialect.has_bare_values() => {
                let text = line.trim_ascii_end();
                let is_last = !text.iter().any(u8::is_ascii_whitespace);
                let is_first_counted = self.named(name, &["rocommunity", "rwcommunity"]);
                let is_prose = self.dialect == Dialect::Document && !self.begins_line(name);
                if !(is_last || is_first_counted)
                    || (is_last && self.is_passed_on(name))
                    || is_prose
                    || b"-*".contains(&line[0])
                {
                    return None;
                }
                let written = self.bare(name, start, false)?;
                let form = self.form_behind_blank(name);
                Some(Written { form, ..written })
            }
            _ => None,
        }
    }

    /// Names that say enough, so that even a word behind them is a password.
    pub(super) fn form_behind_blank(&self, name: &Range<usize>) -> Form {
        let names = [
            "requirepass",
            "masterauth",
            "rootpw",
            "bindpw",
            "rocommunity",
            "rwcommunity",
        ];
        if self.named(name, &names) {
            Form::Bare
        } else {
            Form::Loose
        }
    }

    pub(super) fn named(&self, name: &Range<usize>, names: &[&str]) -> bool {
        let text = &self.content[name.clone()];
        names
            .iter()
            .any(|name| text.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// `proxy_pass` and its kind pass something on.
    pub(super) fn is_passed_on(&self, name: &Range<usize>) -> bool {
        self.content[name.clone()].ends_with(b"_pass")
    }

    /// True for `--password`.
    pub(super) fn is_option(&self, name: &Range<usize>) -> bool {
        self.content[name.clone()].starts_with(b"--")
    }

    /// `- --password` before `- value` in the next line, or a comma before the next word.
    pub(super) fn next_in_list(&self, at: usize) -> Option<Written> {
        let rest = self.content.get(at..)?.iter();
        let gap = rest.take_while(|byte| b",\r\n \t".contains(byte)).count();
        let mut start = at + gap;
        if self.content[start..].starts_with(b"- ") {
            start = self.blank(start + 2);
        } else if self.content[at] != b',' {
            return None;
        }
        self.word(start)
    }

    /// A word of a command line.
    pub(super) fn word(&self, start: usize) -> Option<Written> {
        match *self.line(start).first()? {
            quote @ (b'"' | b'\'') => self.quoted(start, quote),
            b'-' | b'|' | b'&' | b'>' | b'<' | b'[' => None,
            _ if self.dialect.has_bare_values() => {
                self.bare(&(start..start), start, true)
                    .map(|written| Written {
                        form: Form::Bare,
                        ..written
                    })
            }
            _ => None,
        }
    }
}
