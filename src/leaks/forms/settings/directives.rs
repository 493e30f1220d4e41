//! Values that follow their name after a blank: directives of servers, options of commands.

use std::ops::Range;

use super::chosen::is_of_environment;
use super::conditions::is_of_request;
use super::dialect::Dialect;
use super::written::{Form, LONGEST_GAP, LONGEST_VALUE, Text, Written};

impl Text<'_> {
    /// A value that follows its name after a blank or a line end.
    pub(super) fn behind_blank(&self, name: &Range<usize>) -> Option<Written> {
        let start = self.blank(name.end);
        if self.content[..name.start].ends_with(b"<") && self.dialect.has_chosen_values() {
            return self.paired(start).or_else(|| self.in_element(start));
        }
        match self.content.get(start)? {
            b'=' | b':' => return self.assigned(name, start),
            b'!' if is_of_request(self.content, name) => return self.compared(name, start),
            b',' | b'\n' | b'\r' if self.is_option(name) => return self.next_in_list(start),
            b',' | b'\n' | b'\r' => return self.paired(start),
            b'|' | b'?' | b'o' => {
                if let Some(written) = self.instead(start) {
                    return Some(written);
                }
            }
            _ if self.is_option(name) => return self.word(start),
            _ if self.is_parameter(name) => {
                let written = self.word(start)?;
                return Some(Written {
                    form: Form::Loose,
                    ..written
                });
            }
            _ => {}
        }
        let line = self.line(start);
        match line.first()? {
            // The name is the last part of a path.
            _ if self.content[..name.start].ends_with(b"/") => None,
            // Code in a text.
            b'`' => None,
            quote @ (b'"' | b'\'') => self.quoted(start, *quote).map(|written| Written {
                form: self.form_behind_blank(name, line),
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
                let form = self.form_behind_blank(name, line);
                Some(Written { form, ..written })
            }
            _ => None,
        }
    }

    /// The text of the XML element whose attributes begin at `start`.
    fn in_element(&self, start: usize) -> Option<Written> {
        let attributes = self.line(start).iter().take(LONGEST_GAP);
        let end = start + attributes.take_while(|byte| !b"<>".contains(byte)).count();
        let is_open = self.content[..end].last() != Some(&b'/');
        let is_end = is_open && self.content.get(end) == Some(&b'>');
        is_end.then(|| self.up_to_tag(end + 1, Form::Delimited))?
    }

    /// The form of a value that begins with `line`. Any word is a password if the name or the statement is clear enough.
    fn form_behind_blank(&self, name: &Range<usize>, line: &[u8]) -> Form {
        let names = [
            "requirepass",
            "masterauth",
            "rootpw",
            "bindpw",
            "rocommunity",
            "rwcommunity",
            "auth_pass",
            "insecure-password",
        ];
        if self.named(name, &names)
            || self.is_defined(name)
            || self.is_set_by_word(name)
            || self.is_setting_of_password(name, line)
            || (b"'\"".contains(&line[0]) && self.is_of_database_user(name))
        {
            Form::Bare
        } else {
            Form::Loose
        }
    }

    /// True after the `#define` of a C header.
    fn is_defined(&self, name: &Range<usize>) -> bool {
        let before = self.content[..name.start].trim_ascii_end();
        before.ends_with(b"#define")
    }

    /// True after a word that sets an environment variable: `ENV NAME value`, `set -x NAME value`.
    fn is_set_by_word(&self, name: &Range<usize>) -> bool {
        let words = [
            &b"ENV"[..],
            b"ARG",
            b"setenv",
            b"SetEnv",
            b"set -x",
            b"set -gx",
            b"set -Ux",
            b"fastcgi_param",
            b"passenger_env_var",
        ];
        let before = &self.content[name.start.saturating_sub(LONGEST_GAP)..name.start];
        let line = before.rsplit(|&byte| byte == b'\n').next();
        let line = line.unwrap_or_default().trim_ascii();
        self.dialect == Dialect::Settings
            && is_of_environment(&self.content[name.clone()])
            && words.contains(&line)
    }

    /// True for a directive like `remote_password value`, if nothing follows the value.
    fn is_setting_of_password(&self, name: &Range<usize>, line: &[u8]) -> bool {
        let text = &self.content[name.clone()];
        let ends = ["password", "passwd", "passphrase"]
            .iter()
            .any(|end| text.ends_with(end.as_bytes()));
        let line = line.trim_ascii();
        // `password value;` ends like a directive, `password value` may be prose.
        let is_long = text.iter().any(|byte| b"_-".contains(byte));
        let is_quoted = line.first() == line.last() && b"\"'".contains(&line[0]);
        self.dialect == Dialect::Settings
            && ends
            && (is_long || (line.ends_with(b";") && self.begins_line(name)))
            && !self.is_in_comment(name)
            && (is_quoted || self.begins_line(name))
    }

    /// True for a variable that is set for a single command: `PGPASSWORD=value psql`.
    pub(super) fn is_before_command(&self, name: &Range<usize>) -> bool {
        self.dialect == Dialect::Settings
            && is_of_environment(&self.content[name.clone()])
            && !self.is_in_comment(name)
    }

    /// True if the line of the name begins with `#`.
    fn is_in_comment(&self, name: &Range<usize>) -> bool {
        let before = self.content[..name.start].iter().rev().take(LONGEST_GAP);
        let line = before.take_while(|&&byte| byte != b'\n');
        line.last() == Some(&b'#')
    }

    /// True for `PASSWORD 'value'` in an SQL statement about a user or a role.
    fn is_of_database_user(&self, name: &Range<usize>) -> bool {
        if !self.named(name, &["password"]) {
            return false;
        }
        let before = &self.content[name.start.saturating_sub(LONGEST_VALUE)..name.start];
        let line = before.rsplit(|&byte| byte == b'\n').next();
        let mut words = line.unwrap_or_default().split(u8::is_ascii_whitespace);
        words.any(|word| {
            [&b"user"[..], b"role"]
                .iter()
                .any(|kind| word.eq_ignore_ascii_case(kind))
        })
    }

    pub(super) fn named(&self, name: &Range<usize>, names: &[&str]) -> bool {
        let text = &self.content[name.clone()];
        names
            .iter()
            .any(|name| text.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// True for directives such as `proxy_pass`, in which "pass" means to pass on.
    pub(super) fn is_passed_on(&self, name: &Range<usize>) -> bool {
        self.content[name.clone()].ends_with(b"_pass") && !self.named(name, &["auth_pass"])
    }

    /// True for `--password`.
    pub(super) fn is_option(&self, name: &Range<usize>) -> bool {
        self.content[name.clone()].starts_with(b"--")
    }

    /// True for `-Password`, the form of options in PowerShell and Java.
    fn is_parameter(&self, name: &Range<usize>) -> bool {
        let text = &self.content[name.clone()];
        text.len() > 4 && text.starts_with(b"-") && text[1].is_ascii_alphabetic()
    }

    /// The next element of a list: `- value` in the line after `- --password`, or the word after a comma.
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
