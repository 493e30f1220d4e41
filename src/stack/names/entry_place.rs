//! The place of an entry in a stack file.

use std::fmt;

use super::object_kind::ObjectKind;

/// The place of a secret or config in a stack file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPlace {
    /// Stack file and line.
    pub place: String,
    /// Secret or config.
    pub kind: ObjectKind,
    pub key: String,
}

impl fmt::Display for EntryPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, kind, key } = self;
        write!(formatter, "{place}: {kind} `{key}`")
    }
}
