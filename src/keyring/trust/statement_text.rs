//! The text of a statement: a line with its kind, then a line for each field, in a fixed order.
//!
//! The reader refuses everything that is not exactly what the writer writes, except for line ends, which Git may have
//! changed to CR LF. Therefore each statement has exactly one text, which is signed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::since::Since;
use crate::format::{KeyId, KeyName, PublicIdentity, Signature};
use crate::repository::{misleads, without_misleading};

/// Maximum length in bytes of a statement.
pub(crate) const MAXIMUM_STATEMENT: usize = 4096;

/// Why a file is not a valid statement.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum StatementError {
    /// It is longer than any statement.
    #[error("longer than {MAXIMUM_STATEMENT} bytes")]
    TooLong,
    /// It is not UTF-8, or has characters that could mislead in a terminal.
    #[error("no plain text")]
    NotText,
    /// Its kind, or the version of its kind, is not known.
    #[error("not a statement that this version of hs-secrets knows")]
    UnknownKind,
    /// A line is not the expected one.
    #[error("its line {line} is not `{field}`")]
    UnexpectedLine {
        /// The number of the line, from 1.
        line: usize,
        /// The expected field.
        field: &'static str,
    },
    /// It ends before a field.
    #[error("it ends before `{field}`")]
    EndsEarly {
        /// The expected field.
        field: &'static str,
    },
    /// Something follows the last field.
    #[error("there is something behind its last field")]
    Trailing,
    /// The value of a field is malformed.
    #[error("the value of `{field}` is malformed")]
    BadValue { field: &'static str },
    /// The public half does not belong to the key id.
    #[error("`{field}` does not belong to its key id")]
    OtherIdentity {
        /// The field with the public half.
        field: &'static str,
    },
    /// A signature is not valid.
    #[error("its `{field}` is not that of the key")]
    BadSignature {
        /// The field with the signature.
        field: &'static str,
    },
    /// It is about something else than its path says.
    #[error("it belongs at {expected}")]
    Misplaced {
        /// The path where it belongs.
        expected: String,
    },
}

/// A statement that is being written.
pub(super) struct StatementWriter(String);

/// A statement that is being read.
pub(super) struct StatementReader<'text> {
    lines: std::iter::Peekable<std::iter::Enumerate<std::str::Lines<'text>>>,
}

impl StatementWriter {
    pub(super) fn new(kind: &str) -> Self {
        Self(format!("{kind}\n"))
    }

    #[must_use]
    pub(super) fn field(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.0.push_str(&format!("{name}: {value}\n"));
        self
    }

    #[must_use]
    pub(super) fn optional(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    #[must_use]
    pub(super) fn signature(self, name: &str, signature: &Signature) -> Self {
        self.field(name, STANDARD.encode(signature.as_bytes()))
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

impl<'text> StatementReader<'text> {
    /// Reads the first line, which must be one of `kinds`. Returns it with a reader for the rest.
    pub(super) fn new(
        bytes: &'text [u8],
        kinds: &[&'static str],
    ) -> Result<(&'static str, Self), StatementError> {
        if bytes.len() > MAXIMUM_STATEMENT {
            return Err(StatementError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| StatementError::NotText)?;
        if !text.lines().all(is_plain) {
            return Err(StatementError::NotText);
        }
        let mut lines = text.lines().enumerate().peekable();
        let first = lines.next().map(|(_, line)| line);
        let kind = kinds.iter().find(|kind| Some(**kind) == first);
        let kind = kind.ok_or(StatementError::UnknownKind)?;
        Ok((kind, Self { lines }))
    }

    /// Reads the next line, which must be this field, and returns its value.
    pub(super) fn field(&mut self, field: &'static str) -> Result<&'text str, StatementError> {
        let Some((number, line)) = self.lines.next() else {
            return Err(StatementError::EndsEarly { field });
        };
        let value = value_of(line, field);
        let value = value.ok_or(StatementError::UnexpectedLine {
            line: number + 1,
            field,
        })?;
        if value.is_empty() || value.trim() != value {
            return Err(StatementError::BadValue { field });
        }
        Ok(value)
    }

    /// Reads the next line if it is this field, and returns its value.
    pub(super) fn optional(
        &mut self,
        field: &'static str,
    ) -> Result<Option<&'text str>, StatementError> {
        let next = self.lines.peek().map(|(_, line)| *line);
        match next.and_then(|line| value_of(line, field)) {
            Some(_) => self.field(field).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn key_name(&mut self, field: &'static str) -> Result<KeyName, StatementError> {
        let name = KeyName::of_file_name(self.field(field)?);
        name.ok_or(StatementError::BadValue { field })
    }

    pub(super) fn key_id(&mut self, field: &'static str) -> Result<KeyId, StatementError> {
        let id = KeyId::parse(self.field(field)?);
        id.ok_or(StatementError::BadValue { field })
    }

    /// Reads the public half of an identity, which must have the id `id`.
    pub(super) fn public(
        &mut self,
        field: &'static str,
        id: KeyId,
    ) -> Result<PublicIdentity, StatementError> {
        let public = PublicIdentity::parse(self.field(field)?);
        let public = public.ok_or(StatementError::BadValue { field })?;
        if public.id() != id {
            return Err(StatementError::OtherIdentity { field });
        }
        Ok(public)
    }

    pub(super) fn since(&mut self, field: &'static str) -> Result<Since, StatementError> {
        let since = Since::parse(self.field(field)?);
        since.ok_or(StatementError::BadValue { field })
    }

    pub(super) fn signature(&mut self, field: &'static str) -> Result<Signature, StatementError> {
        let bytes = STANDARD.decode(self.field(field)?).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.ok_or(StatementError::BadValue { field })?;
        Ok(Signature::from_bytes(bytes))
    }

    pub(super) fn end(mut self) -> Result<(), StatementError> {
        match self.lines.next() {
            Some(_) => Err(StatementError::Trailing),
            None => Ok(()),
        }
    }
}

/// Turns a name into one line for a statement: misleading characters are removed, and a long name is cut off. `None` if
/// nothing is left.
pub(super) fn plain_line(text: &str) -> Option<String> {
    /// Maximum length of a name in bytes.
    const MAXIMUM_NAME: usize = 256;
    let plain: String = without_misleading(text);
    let mut end = plain.len().min(MAXIMUM_NAME);
    while !plain.is_char_boundary(end) {
        end -= 1;
    }
    let line = plain[..end].trim();
    (!line.is_empty()).then(|| line.to_owned())
}

fn value_of<'text>(line: &'text str, field: &str) -> Option<&'text str> {
    line.strip_prefix(field)?.strip_prefix(": ")
}

fn is_plain(line: &str) -> bool {
    !line.contains(misleads)
}
