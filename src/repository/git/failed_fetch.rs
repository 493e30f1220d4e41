//! The memory of a process that a remote can't be reached.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why fetching has failed, once it has. A remote that can't be reached is not asked again by the same process, on whichever
/// thread: each attempt may take minutes.
#[derive(Debug, Default)]
pub(in crate::repository) struct FailedFetch(Mutex<Option<String>>);

impl FailedFetch {
    /// The reason, to be read or written. One thread at a time has it.
    pub(in crate::repository) fn reason(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
