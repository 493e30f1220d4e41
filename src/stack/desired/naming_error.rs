//! Why an entry has no usable name.

use thiserror::Error;

use crate::stack::compose::InterpolationError;
use crate::stack::names::NameError;

/// Why an entry has no usable name.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NamingError {
    /// Swarm would refuse the name.
    #[error(transparent)]
    Invalid(#[from] NameError),
    /// The name is too long, but would fit with a shorter version.
    #[error("{source}")]
    TooLong {
        /// The error about the name, which says by how many characters it is too long.
        source: NameError,
        /// The `version-length` with which it fits.
        fits_with: usize,
    },
    /// A variable in the name has no value, or Docker reads it differently from what the writer most likely means.
    #[error("its name: {0}")]
    Interpolation(#[from] InterpolationError),
    /// The variable made from the file's name controls other programs, as `PATH` does.
    #[error(
        "its name has the variable `{variable}` of {file}, which steers programs; rename the file (and the variable with it), or leave `name:` out"
    )]
    Steering {
        variable: String,
        /// The file whose name gives the variable.
        file: String,
    },
    /// The name is so long that there is no room for a version.
    #[error("its name `{name}` has room for no version; make it {} shorter", characters(*excess))]
    NoRoom {
        /// The name as written, or with an ellipsis for the version.
        name: String,
        /// By how many characters the name is too long for the shortest version.
        excess: usize,
    },
    /// The name has a variable that is not set, and does not have the variable of its file.
    #[error(
        "its name has the variable `{variable}`, which is not set, and not that of its file {file}, which is `{own}`; change it to `{change_to}`"
    )]
    ForeignVariable {
        /// The variable that is not set.
        variable: String,
        file: String,
        /// The variable of the file.
        own: String,
        /// The name with the variable of the file.
        change_to: String,
    },
    /// The name does not contain its file's version, and has no room for it.
    #[error(
        "its name `{name}` has no version, and no room for one; make it {} shorter and add the variable of its file, or leave `name:` out",
        characters(*excess)
    )]
    UnversionedTooLong {
        /// The name as written.
        name: String,
        /// By how many characters the name is too long for the shortest version.
        excess: usize,
    },
    /// The name does not contain its file's version.
    #[error("its name `{name}` has no version; change it to `{change_to}`, or leave `name:` out")]
    Unversioned {
        /// The name as written.
        name: String,
        /// The name with the variable of the file appended.
        change_to: String,
    },
    /// The name does not contain its file's version, and the file's name does not give a valid variable.
    #[error(
        "its name `{name}` has no version, and its file's name gives no variable; leave `name:` out"
    )]
    NoVariable {
        /// The name as written.
        name: String,
    },
    /// The name contains the variable of its file more than once.
    #[error("its name `{name}` has the variable `{variable}` twice; once is enough")]
    VersionedTwice {
        /// The name as written.
        name: String,
        variable: String,
    },
}

impl NamingError {
    /// This error with the name as written: its variables may have secret values.
    pub(crate) fn with_name(self, written: &str) -> Self {
        match self {
            Self::Invalid(source) => Self::Invalid(source.with_name(written)),
            Self::TooLong { source, fits_with } => Self::TooLong {
                source: source.with_name(written),
                fits_with,
            },
            Self::NoRoom { excess, .. } => Self::NoRoom {
                name: written.to_owned(),
                excess,
            },
            other => other,
        }
    }
}

fn characters(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} character{plural}")
}
