//! Files that Git could not have filtered.

use super::Failure;
use crate::filter::{FilterError, ProcessError};

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Self::new(error)
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        Self::new(error)
    }
}
