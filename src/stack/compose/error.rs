//! Why a stack file is refused.

use thiserror::Error;

use super::interpolation_error::InterpolationError;
use crate::stack::yaml::DocumentError;

/// An error in a stack file: Docker would refuse the file, or this program can't manage it. Each message begins with a line
/// number.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// The file is not the YAML that Docker takes.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A value that must be a mapping is something else.
    #[error("{line}: {place} must be a mapping")]
    NotMapping {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// A value that must be a list is something else.
    #[error("{line}: {place} must be a list")]
    NotList {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// A value that must be text is something else.
    #[error("{line}: {place} must be a string")]
    NotString {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// A value that must be `true` or `false` is something else.
    #[error("{line}: {place} must be true or false")]
    NotBoolean {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// A property that the docker client does not know.
    #[error("{line}: {place}: Additional property {property} is not allowed")]
    UnknownProperty {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
        property: String,
    },
    /// A property that needs a newer version of the format than the file states.
    #[error(
        "{line}: {place}: property {property} needs version: \"3.{needed}\" or newer, and this file says 3.{minor}"
    )]
    TooNew {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
        property: String,
        /// The first minor version that has the property.
        needed: u32,
        /// The minor version that the file states.
        minor: u32,
    },
    /// `content` or `environment`: Docker Compose knows them, `docker stack deploy` does not.
    #[error(
        "{line}: {place}: `{property}` is Docker Compose's, the docker client rejects it in a stack file; put the content into a file and name it with `file:`"
    )]
    ComposeOnly {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
        /// `content` or `environment`.
        property: String,
    },
    /// A version of the format that `docker stack deploy` does not support.
    #[error("{line}: unsupported Compose file version: {version}; a stack file has 3.x")]
    UnsupportedVersion {
        /// Line, from 1.
        line: usize,
        /// The version as written.
        version: String,
    },
    /// An entry has neither `file:` nor `external: true`.
    #[error("{line}: {place} has neither `file:` nor `external: true`")]
    NoSource {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// The value of `file:` is blank.
    #[error("{line}: {place}: `file:` is blank, and must name a file")]
    BlankFile {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// Two properties that exclude each other.
    #[error("{line}: {place}: `{one}` and `{other}` exclude each other; leave `{one}` out")]
    Conflict {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
        /// The property to leave out.
        one: &'static str,
        /// The property to keep.
        other: &'static str,
    },
    /// A variable in a value can't be replaced.
    #[error("{line}: {place}: {source}")]
    Interpolation {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
        source: Box<InterpolationError>,
    },
}

impl ComposeError {
    /// True if the text would show a secret value in plaintext.
    pub(crate) fn is_about_secret(&self) -> bool {
        matches!(self, Self::Interpolation { source, .. } if matches!(**source, InterpolationError::Secret { .. }))
    }
}
