//! Why a stack file is refused.

use thiserror::Error;

use super::interpolation_error::InterpolationError;
use crate::stack::yaml::DocumentError;

/// A stack file that Docker would refuse, or that can't be managed. Each text begins with its line.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// The YAML itself.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Something else where a mapping belongs.
    #[error("{line}: {place} must be a mapping")]
    NotMapping {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// Something else where a list belongs.
    #[error("{line}: {place} must be a list")]
    NotList {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// Something else where text belongs.
    #[error("{line}: {place} must be a string")]
    NotString {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// Something else where `true` or `false` belongs.
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
    /// A property that came with a later version of the format.
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
    /// `content` or `environment`: known to Docker Compose, not to a stack.
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
    /// A version that `docker stack deploy` does not take.
    #[error("{line}: unsupported Compose file version: {version}; a stack file has 3.x")]
    UnsupportedVersion {
        /// Line, from 1.
        line: usize,
        /// The version as it is written.
        version: String,
    },
    /// Nothing says where the content comes from.
    #[error("{line}: {place} has neither `file:` nor `external: true`")]
    NoSource {
        /// Line, from 1.
        line: usize,
        /// The keys that lead there from the top, joined by dots.
        place: String,
    },
    /// A `file:` that names none.
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
    /// A variable in a value.
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
    /// True if a secret value stands where it would be shown.
    pub(crate) fn is_about_secret(&self) -> bool {
        matches!(self, Self::Interpolation { source, .. } if matches!(**source, InterpolationError::Secret { .. }))
    }
}
