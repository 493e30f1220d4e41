//! A `git check-attr` process that keeps answering until it is dropped.
//!
//! Git itself reads the attributes. libgit2 is slower per path. It also adds the rules of the index to those of the
//! work tree, where Git uses only one of the two.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use super::encryption::Encryption;
use crate::format::KeyName;
use crate::repository::error::RepositoryError;
use crate::repository::interruption::stop_if_interrupted;
use crate::repository::path::PathBytes;

/// The attribute that chooses the key.
pub(super) const FILTER: [&str; 1] = ["filter"];

/// The attributes that are asked for each path: first those that choose its encryption, then others that change what
/// Git stores.
pub(super) const ENCRYPTION: [&str; 9] = [
    "filter",
    "diff",
    "merge",
    "ident",
    "working-tree-encoding",
    "plain-when-empty",
    "text",
    "eol",
    "crlf",
];

/// Environment variable, with its value, that lets Git buffer its answers instead of flushing each one.
pub(super) const BUFFERED: (&str, &str) = ("GIT_FLUSH", "0");

/// Maximum length in bytes of a list of questions that is written before the first answer is read. A longer list could
/// fill the pipe while Git waits for its answers to be read: a deadlock.
const SHORT_QUESTIONS: usize = 1024;

/// The values of the attributes that were asked, in the notation of git-check-attr(1).
pub(super) struct AttributeValues<const COUNT: usize>([Vec<u8>; COUNT]);

/// The running `git check-attr`, which gives `COUNT` attributes of each path.
pub(in crate::repository) struct AttributeReader<const COUNT: usize = 9> {
    git: Child,
    /// Closing it ends the program.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl<const COUNT: usize> AttributeReader<COUNT> {
    /// Starts `command`, a `git check-attr`. The `options` say where it looks for attributes.
    pub(super) fn start(
        mut command: Command,
        options: &[&str],
        asked: [&str; COUNT],
    ) -> Result<Self, RepositoryError> {
        let started = command
            .args(options)
            .args(["-z", "--stdin"])
            .args(asked)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut git = started
            .map_err(|error| failed(io::Error::other(format!("it can't be run: {error}"))))?;
        let answers = git.stdout.take().expect("standard output was piped");
        Ok(Self {
            questions: git.stdin.take(),
            answers: BufReader::new(answers),
            git,
        })
    }

    /// Applies `of` to the attributes of each of `paths`, and returns the results in the order of `paths`.
    pub(super) fn ask<'path, Value>(
        &mut self,
        paths: impl IntoIterator<Item = &'path PathBytes>,
        of: impl Fn(AttributeValues<COUNT>) -> Value,
    ) -> Result<Vec<Value>, RepositoryError> {
        let mut count = 0;
        let list = PathBytes::list(paths.into_iter().inspect(|_| count += 1));
        self.exchange(&list, count, of).map_err(failed)
    }

    /// As [`Self::ask`], for the last question. Git may buffer its answers, which is faster if it was started with
    /// [`BUFFERED`].
    pub(super) fn ask_last<'path, Value>(
        mut self,
        paths: impl IntoIterator<Item = &'path PathBytes>,
        of: impl Fn(AttributeValues<COUNT>) -> Value,
    ) -> Result<Vec<Value>, RepositoryError> {
        let mut count = 0;
        let list = PathBytes::list(paths.into_iter().inspect(|_| count += 1));
        let mut questions = self.questions.take().expect("open until this is dropped");
        let answers = &mut self.answers;
        let exchanged = thread::scope(|scope| {
            // When its input ends, Git flushes the last answers.
            let asked = scope.spawn(move || questions.write_all(&list));
            let values = (0..count).map(|_| Ok(of(AttributeValues::read(answers)?)));
            let values = values.collect::<io::Result<Vec<Value>>>();
            let asked = asked.join().expect("because writing does not panic");
            asked.and(values)
        });
        exchanged.map_err(failed)
    }

    fn exchange<Value>(
        &mut self,
        list: &[u8],
        count: usize,
        of: impl Fn(AttributeValues<COUNT>) -> Value,
    ) -> io::Result<Vec<Value>> {
        let Self {
            questions, answers, ..
        } = self;
        let questions = questions.as_mut().expect("open until this is dropped");
        thread::scope(|scope| {
            let asked = match list.len() {
                ..SHORT_QUESTIONS => questions.write_all(list).map(|()| None)?,
                _ => Some(scope.spawn(|| questions.write_all(list))),
            };
            let values = (0..count).map(|_| Ok(of(AttributeValues::read(answers)?)));
            let values = values.collect::<io::Result<Vec<Value>>>();
            match asked.map(|asked| asked.join().expect("writing does not panic")) {
                Some(Err(error)) => Err(error),
                _ => values,
            }
        })
    }
}

impl<const COUNT: usize> Drop for AttributeReader<COUNT> {
    fn drop(&mut self) {
        self.questions = None;
        // Its input is closed, so it ends. Its exit code no longer matters.
        let _ = self.git.wait();
    }
}

fn failed(error: io::Error) -> RepositoryError {
    // An interrupt may be the reason why git ended.
    let interrupted = stop_if_interrupted().err();
    interrupted.unwrap_or_else(|| RepositoryError::GitProgram {
        command: "check-attr".to_owned(),
        reason: error.to_string(),
    })
}

impl<const COUNT: usize> AttributeValues<COUNT> {
    /// Reads the answers about one path. For each attribute: path, attribute and value, each followed by NUL.
    fn read(answers: &mut impl BufRead) -> io::Result<Self> {
        let mut values = [const { Vec::new() }; COUNT];
        for value in &mut values {
            for _path_and_name in 0..2 {
                answers.skip_until(0)?;
            }
            answers.read_until(0, value)?;
            if value.pop() != Some(0) {
                return Err(io::Error::other("it ended before it had answered"));
            }
        }
        Ok(Self(values))
    }
}

impl<const COUNT: usize> AttributeValues<COUNT> {
    /// The key that the path is to be encrypted with. It follows from the attribute `filter`, which is always asked
    /// first. `None` if the path is not to be encrypted.
    pub(super) fn key(&self) -> Option<KeyName> {
        KeyName::of_driver(str::from_utf8(self.0.first()?).ok()?)
    }
}

impl AttributeValues<{ ENCRYPTION.len() }> {
    /// The encryption of the path; `None` if it is not to be encrypted.
    pub(super) fn encryption(&self) -> Option<Encryption> {
        let [
            filter,
            diff,
            merge,
            _,
            encoding,
            plain_when_empty,
            text,
            eol,
            crlf,
        ] = &self.0;
        // As Git's convert.c does; `crlf` is the older name of `text`.
        let text = match text.as_slice() {
            b"unspecified" => crlf,
            _ => text,
        };
        let line_ends_converted = match text.as_slice() {
            b"set" | b"input" => true,
            b"unspecified" => matches!(eol.as_slice(), b"lf" | b"crlf"),
            _ => false,
        };
        let key = KeyName::of_driver(str::from_utf8(filter).ok()?)?;
        Some(Encryption {
            key,
            diff_set: diff == filter,
            merge_set: merge == filter,
            plain_when_empty: plain_when_empty == b"set",
            line_ends_converted,
            encoding_converted: converts(encoding),
        })
    }

    /// True if an attribute may make Git store other bytes than those of the file. The conversion of line ends is not
    /// considered.
    pub(super) fn convert(&self) -> bool {
        let [filter, _, _, ident, encoding, ..] = &self.0;
        [filter, ident, encoding]
            .iter()
            .any(|value| !matches!(value.as_slice(), b"unspecified" | b"unset"))
    }
}

/// True if `working-tree-encoding` makes Git convert. UTF-8 is Git's own encoding and needs no conversion.
fn converts(encoding: &[u8]) -> bool {
    let own = [&b"UTF-8"[..], b"UTF8", b"unspecified", b"unset", b""];
    !own.iter().any(|own| own.eq_ignore_ascii_case(encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encryption(values: [(&str, &str); 3]) -> Option<Encryption> {
        let mut answers = Vec::new();
        for name in ENCRYPTION {
            let given = values.iter().find(|(given, _)| *given == name);
            let value = given.map_or("unspecified", |(_, value)| value);
            answers.extend(format!("path\0{name}\0{value}\0").into_bytes());
        }
        AttributeValues::read(&mut answers.as_slice())
            .expect("whole answers")
            .encryption()
    }

    #[test]
    fn the_filter_names_the_key_and_the_other_attributes_fit_it_or_not() {
        let ops = encryption([
            ("filter", "git-crypt-ops"),
            ("diff", "git-crypt-ops"),
            ("merge", "git-crypt"),
        ]);
        let ops = ops.expect("it is encrypted");
        assert_eq!(ops.key, KeyName::named("ops").expect("a good name"));
        assert!(ops.diff_set && !ops.merge_set);
        for filter in ["lfs", "unset", "set", "unspecified"] {
            let none = [("filter", filter), ("diff", "git-crypt"), ("text", "auto")];
            assert_eq!(encryption(none), None, "{filter}");
        }
    }

    #[test]
    fn line_ends_are_converted_where_text_or_eol_say_so() {
        for (text, crlf, eol, converted) in [
            ("set", "unspecified", "unspecified", true),
            ("unspecified", "input", "unspecified", true),
            ("unspecified", "unspecified", "lf", true),
            ("auto", "unspecified", "lf", false),
            ("unset", "set", "crlf", false),
            ("unspecified", "unspecified", "unspecified", false),
        ] {
            let mut values = [const { Vec::new() }; ENCRYPTION.len()];
            values.fill(b"unspecified".to_vec());
            values[0] = b"git-crypt".to_vec();
            values[6..].clone_from_slice(&[text, eol, crlf].map(|value| value.as_bytes().to_vec()));
            let encryption = AttributeValues(values)
                .encryption()
                .expect("it is encrypted");
            assert_eq!(
                encryption.line_ends_converted, converted,
                "{text} {crlf} {eol}"
            );
        }
    }

    #[test]
    fn an_encoding_other_than_git_s_own_is_converted() {
        for (encoding, converted) in [
            ("unspecified", false),
            ("unset", false),
            ("utf-8", false),
            ("UTF-16", true),
            ("latin1", true),
            ("set", true),
        ] {
            let filter = ("filter", "git-crypt");
            let asked = [
                filter,
                ("working-tree-encoding", encoding),
                ("diff", "git-crypt"),
            ];
            let encryption = encryption(asked).expect("it is encrypted");
            assert_eq!(encryption.encoding_converted, converted, "{encoding}");
        }
    }

    #[test]
    fn answers_that_end_early_are_an_error() {
        assert!(AttributeValues::<1>::read(&mut &b"path\0filter\0git-crypt"[..]).is_err());
    }
}
