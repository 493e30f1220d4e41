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
    /// The name is too long, and fits with a shorter version.
    #[error("{source}")]
    TooLong {
        /// Swarm's refusal, which says by how much.
        source: NameError,
        /// The `version-length` with which it fits.
        fits_with: usize,
    },
    /// A variable in the name has no value, or a form that nobody means.
    #[error("its name: {0}")]
    Interpolation(#[from] InterpolationError),
    /// The variable of its file tells programs what to do.
    #[error(
        "its name has the variable `{variable}` of {file}, which steers programs; rename the file (and the variable with it), or leave `name:` out"
    )]
    Steering {
        variable: String,
        /// The file that it is made from.
        file: String,
    },
    /// The name is so long that no version fits.
    #[error("its name `{name}` has room for no version; make it {} shorter", characters(*excess))]
    NoRoom {
        /// The name as it is written, or with an ellipsis for the version.
        name: String,
        /// How many characters it is too long for the shortest version.
        excess: usize,
    },
    /// The name has another variable instead of the one of its file.
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
    /// The name has no version of its file, and no room for one.
    #[error(
        "its name `{name}` has no version, and no room for one; make it {} shorter and add the variable of its file, or leave `name:` out",
        characters(*excess)
    )]
    UnversionedTooLong {
        /// The name as it is written.
        name: String,
        /// How many characters it is too long for the shortest version.
        excess: usize,
    },
    /// The name has no version of its file.
    #[error("its name `{name}` has no version; change it to `{change_to}`, or leave `name:` out")]
    Unversioned {
        /// The name as it is written.
        name: String,
        /// The name with the variable of the file behind it.
        change_to: String,
    },
    /// The name has no version of its file, for which there is no variable.
    #[error(
        "its name `{name}` has no version, and its file's name gives no variable; leave `name:` out"
    )]
    NoVariable {
        /// The name as it is written.
        name: String,
    },
    /// The name has the version of its file more than once.
    #[error("its name `{name}` has the variable `{variable}` twice; once is enough")]
    VersionedTwice {
        /// The name as it is written.
        name: String,
        variable: String,
    },
}

impl NamingError {
    /// The error for a `name:`, as it is written: its variables may have secret values.
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
