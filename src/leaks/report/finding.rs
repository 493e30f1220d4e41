//! Findings with their places and fingerprints, and the gaps: what could not be looked at.

use std::fmt;

use crate::leaks::known::known_secrets::ValueSource;
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, CommitId, PathBytes};

/// A secret, or something else, that should not be where it is.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// The rule that found it.
    pub rule: Rule,
    /// The place that it is at.
    pub place: Location,
    /// A description that does not reveal the value.
    pub hint: String,
    /// The encrypted file that the value comes from, if it is known.
    pub source: Option<ValueSource>,
    /// Identifies the finding in a baseline.
    pub fingerprint: FindingId,
    /// An id that all findings of the same bytes share, wherever they are; `None` for a file as a whole.
    pub value: Option<FindingId>,
    /// For a file as a whole: an id that all findings of this rule share if the files have the same content.
    pub content: Option<FindingId>,
}

/// Where something was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Location {
    /// The file; `None` for a message or a name.
    pub path: Option<PathBytes>,
    /// Line and column, from 1; `None` for a file as a whole.
    pub position: Option<(usize, usize)>,
    /// The commit that introduced it, if commits were looked at.
    pub commit: Option<CommitId>,
    /// The annotated tag in whose message it is.
    pub tag: Option<String>,
    /// The branch or tag in whose name it is.
    pub reference: Option<String>,
}

/// The fingerprint of a finding, made from the rule, the path and the bytes that were found. It stays the same when lines move.
/// An id made without the path also stays the same when the file moves. The bytes of a known secret go into it in a form that
/// can be computed only with the key, so that nobody can guess the secret from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FindingId(String);

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gap {
    /// A path, a commit, or the history.
    pub what: String,
    /// Why it could not be looked at.
    pub reason: String,
}

impl Gap {
    /// For a shallow clone, which lacks older commits.
    pub(crate) fn of_shallow_clone() -> Self {
        Self {
            what: "the history".to_owned(),
            reason: "this is a shallow clone, older commits are not here (`git fetch --unshallow`, or `fetch-depth: 0` in a CI)"
                .to_owned(),
        }
    }
}

impl FindingId {
    /// Number of hexadecimal digits.
    const LEN: usize = 16;

    pub(crate) fn new(rule: Rule, path: Option<&PathBytes>, identity: &[u8]) -> Self {
        let path = path.map_or(&b""[..], PathBytes::as_bytes);
        let all = [rule.name().as_bytes(), path, identity].join(&0);
        let mut digits = BlobId::of_content(&all).to_string();
        digits.truncate(Self::LEN);
        Self(digits)
    }

    /// Reads a fingerprint.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        (text.len() == Self::LEN && digits).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Location {
    /// A file as a whole.
    pub(crate) fn file(path: &PathBytes, commit: Option<CommitId>) -> Self {
        Self {
            path: Some(path.clone()),
            commit,
            ..Self::default()
        }
    }
}

impl Finding {
    /// The id of the finding without its path, which stays the same when the file moves; `None` if nothing identifies the bytes.
    pub(crate) fn without_path(&self) -> Option<&FindingId> {
        self.value.as_ref().or(self.content.as_ref())
    }

    /// How to fix it, in one line. For a commit this differs, since changing the file does not change the commit.
    pub(crate) fn fix(&self) -> &'static str {
        let is_plaintext = matches!(self.rule, Rule::UnencryptedBlob | Rule::LostEncryption);
        if is_plaintext && self.place.commit.is_some() {
            "change the secret, since this commit keeps the old one; then rewrite the history, or accept this in a baseline with a reason"
        } else {
            self.rule.fix()
        }
    }
}

impl fmt::Display for Location {
    /// Writes `path:line:column`, with the control characters of a path escaped.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            printable(path).fmt(formatter)?;
        } else if let Some(tag) = &self.tag {
            write!(formatter, "the message of the tag {}", printable(tag))?;
        } else if let Some(reference) = &self.reference {
            write!(formatter, "the name {}", printable(reference))?;
        } else {
            formatter.write_str("the commit message")?;
        }
        if let Some((line, column)) = self.position {
            write!(formatter, ":{line}:{column}")?;
        }
        if let Some(commit) = self.commit {
            let id = commit.to_string();
            write!(formatter, " ({})", &id[..10])?;
        }
        Ok(())
    }
}

/// A path or name with its control characters escaped, so that it can't control a terminal.
pub(crate) fn printable(name: impl fmt::Display) -> String {
    let mut shown = String::new();
    for letter in name.to_string().chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}
