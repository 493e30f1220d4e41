//! The next steps when Git could not filter a file.

use super::Failure;
use crate::filter::{FilterError, ProcessError};

/// The hint if a long file could not be stored temporarily.
pub(crate) const ROOM_FOR_LONG_FILES: &str =
    "files above 64 MiB need as much room as they have bytes; TMPDIR names another folder";

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        let failure = Self::new(&error);
        match error {
            FilterError::PutAside { .. } => failure.hint(ROOM_FOR_LONG_FILES),
            _ => failure,
        }
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        Self::new(error)
    }
}
