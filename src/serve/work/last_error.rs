//! The last error of the Swarm or the disk.

use std::sync::{Mutex, PoisonError};

/// The error of the last try; `None` if it succeeded.
#[derive(Default)]
pub(super) struct LastError {
    seen: Mutex<Option<String>>,
}

impl LastError {
    /// The error of the last try, if it failed.
    pub(super) fn seen(&self) -> Option<String> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how a try ended. True if the try before ended the other way.
    pub(super) fn note(&self, trouble: Option<String>) -> bool {
        let seen = self.seen.lock();
        let mut seen = seen.unwrap_or_else(PoisonError::into_inner);
        let is_news = seen.is_some() != trouble.is_some();
        *seen = trouble;
        is_news
    }
}
