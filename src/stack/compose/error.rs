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
        /// Keys from the top.
        place: String,
    },
    /// Something else where a list belongs.
    #[error("{line}: {place} must be a list")]
    NotList {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// Something else where text belongs.
    #[error("{line}: {place} must be a string")]
    NotString {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// Something else where `true` or `false` belongs.
    #[error("{line}: {place} must be true or false")]
    NotBoolean {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// A property that the docker client does not know.
    #[error("{line}: {place}: Additional property {property} is not allowed")]
    UnknownProperty {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
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
        /// Keys from the top.
        place: String,
        property: String,
        /// The first 3.x that has it.
        needed: u32,
        /// The 3.x of the file.
        minor: u32,
    },
    /// `content` or `environment`: known to Docker Compose, not to a stack.
    #[error(
        "{line}: {place}: `{property}` is Docker Compose's, the docker client rejects it in a stack file; put the content into a file and name it with `file:`"
    )]
    ComposeOnly {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        /// `content` or `environment`.
        property: String,
    },
    /// A version that `docker stack deploy` does not take.
    #[error("{line}: unsupported Compose file version: {version}; a stack file has 3.x")]
    UnsupportedVersion {
        /// Line, from 1.
        line: usize,
        /// As it stands.
        version: String,
    },
    /// Nothing says where the content comes from.
    #[error("{line}: {place} has neither `file:` nor `external: true`")]
    NoSource {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// A `file:` that names none.
    #[error("{line}: {place}: `file:` is blank, and must name a file")]
    BlankFile {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
    },
    /// Two properties that exclude each other.
    #[error("{line}: {place}: `{one}` and `{other}` exclude each other; leave `{one}` out")]
    Conflict {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        /// The one to leave out.
        one: &'static str,
        /// The one to keep.
        other: &'static str,
    },
    /// A variable in a value.
    #[error("{line}: {place}: {source}")]
    Interpolation {
        /// Line, from 1.
        line: usize,
        /// Keys from the top.
        place: String,
        source: Box<InterpolationError>,
    },
}
