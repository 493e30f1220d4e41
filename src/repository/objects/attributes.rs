//! Which files are to be encrypted: the attributes `filter`, `diff` and `merge`, as Git itself reads them.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;

use crate::format::KeyName;
use crate::repository::error::RepositoryError;
use crate::repository::interruption::go_on;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

/// What is asked about each path: how it is encrypted, then what else changes what Git stores for it.
const ASKED: [&str; 9] = [
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

/// What the attributes of a path say about its encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// The key that its `filter` attribute chooses.
    pub key: KeyName,
    /// True where its `diff` attribute fits, so that `git diff` shows plaintext.
    pub diff_set: bool,
    /// True where its `merge` attribute fits, so that plaintext is merged.
    pub merge_set: bool,
    /// True where an empty file is stored empty. Git takes an empty file for changed whenever its blob is not empty; but
    /// git-crypt takes an empty blob for plaintext, so that it is for those to choose who do without git-crypt.
    pub plain_when_empty: bool,
    /// True where Git changes line ends even in what is not text, which ciphertext is: `text` or `eol` is set, and not `auto`.
    pub line_ends_converted: bool,
}

/// The values of the attributes that are [`ASKED`] about, as git-check-attr(1) words them.
struct Attributes([Vec<u8>; ASKED.len()]);

/// A `git check-attr` that answers until it is dropped. One program for all paths: libgit2 takes longer for each than
/// Git, and adds the rules of the index to those of the work tree where Git takes one in place of the other.
pub(in crate::repository) struct AttributeReader {
    git: Child,
    /// Closed first, which ends the program.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Repository {
    /// How `path` (relative to the top of the work tree) is to be encrypted; `None` where it is not.
    pub fn encryption_of(&self, path: &PathBytes) -> Result<Option<Encryption>, RepositoryError> {
        Ok(self.encryptions([path])?.pop().flatten())
    }

    /// How each of `paths` is to be encrypted, in their order.
    pub fn encryptions<'path>(
        &self,
        paths: impl IntoIterator<Item = &'path PathBytes>,
    ) -> Result<Vec<Option<Encryption>>, RepositoryError> {
        self.attributes(paths, |attributes| attributes.encryption())
    }

    /// True where an attribute may make Git store something else than the bytes of the file at `path`, beside the
    /// conversion of line ends.
    pub(in crate::repository) fn is_converted(
        &self,
        path: &PathBytes,
    ) -> Result<bool, RepositoryError> {
        let converted = self.attributes([path], |attributes| attributes.convert())?;
        Ok(converted.contains(&true))
    }

    fn attributes<'path, Value>(
        &self,
        paths: impl IntoIterator<Item = &'path PathBytes>,
        of: impl Fn(Attributes) -> Value,
    ) -> Result<Vec<Value>, RepositoryError> {
        let mut questions = Vec::new();
        let mut count = 0;
        for path in paths {
            questions.extend_from_slice(path.as_bytes());
            questions.push(0);
            count += 1;
        }
        if count == 0 {
            return Ok(Vec::new());
        }
        let failed = |error: io::Error| {
            // An interrupt may have ended it.
            let interrupted = go_on().err();
            interrupted.unwrap_or_else(|| RepositoryError::GitProgram {
                command: "check-attr".to_owned(),
                reason: error.to_string(),
            })
        };
        let mut reader = self.attribute_reader.borrow_mut();
        let reader = match &mut *reader {
            Some(reader) => reader,
            none => none.insert(AttributeReader::start(self).map_err(failed)?),
        };
        reader.ask(&questions, count, of).map_err(failed)
    }
}

impl AttributeReader {
    fn start(repository: &Repository) -> io::Result<Self> {
        let mut git = repository
            .git_command("check-attr")
            .args(["-z", "--stdin"])
            .args(ASKED)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::other(format!("it can't be run: {error}")))?;
        let answers = git.stdout.take().expect("standard output was piped");
        Ok(Self {
            questions: git.stdin.take(),
            answers: BufReader::new(answers),
            git,
        })
    }

    /// Asks about `count` paths, which end with NUL.
    fn ask<Value>(
        &mut self,
        paths: &[u8],
        count: usize,
        of: impl Fn(Attributes) -> Value,
    ) -> io::Result<Vec<Value>> {
        let Self {
            questions, answers, ..
        } = self;
        let questions = questions.as_mut().expect("open until this is dropped");
        thread::scope(|scope| {
            // On a thread where git may answer before it has read all questions.
            let asked = match paths.len() {
                ..1024 => questions.write_all(paths).map(|()| None)?,
                _ => Some(scope.spawn(|| questions.write_all(paths))),
            };
            let values = (0..count).map(|_| Ok(of(Attributes::read(answers)?)));
            let values = values.collect::<io::Result<Vec<Value>>>();
            match asked.map(|asked| asked.join().expect("writing does not panic")) {
                Some(Err(error)) => Err(error),
                _ => values,
            }
        })
    }
}

impl Drop for AttributeReader {
    fn drop(&mut self) {
        self.questions = None;
        // It has nothing left to do but to end, however that goes.
        let _ = self.git.wait();
    }
}

impl Attributes {
    /// Reads the answers about one path: path, attribute and value of each, all with NUL behind them.
    fn read(answers: &mut impl BufRead) -> io::Result<Self> {
        let mut values: [Vec<u8>; ASKED.len()] = Default::default();
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

    fn encryption(&self) -> Option<Encryption> {
        let [filter, diff, merge, _, _, plain_when_empty, text, eol, crlf] = &self.0;
        // As convert.c reads them, with `crlf` for an older `text`.
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
        })
    }

    fn convert(&self) -> bool {
        let [filter, _, _, ident, encoding, ..] = &self.0;
        [filter, ident, encoding]
            .iter()
            .any(|value| !matches!(value.as_slice(), b"unspecified" | b"unset"))
    }
}
