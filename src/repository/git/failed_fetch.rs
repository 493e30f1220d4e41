//! Remembers in this process that a remote can't be reached.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why fetching has failed, once it has failed. No thread of this process then tries again: each attempt may take minutes.
#[derive(Debug, Default)]
pub(in crate::repository) struct FailedFetch(Mutex<Option<String>>);

impl FailedFetch {
    /// Locks the reason for reading and writing.
    pub(in crate::repository) fn reason(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
