//! A signal that asks this process to end. It is noted at once, and checked between the steps of a change.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use super::error::RepositoryError;

/// The number of the signal that has come, or 0. Static, because signals concern the whole process.
static NOTED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// The place where a signal handler notes the number of its signal. Once it is set, no further step begins.
pub(crate) fn interruption_note() -> Arc<AtomicUsize> {
    Arc::clone(&NOTED)
}

/// The signal that has come, if one has.
pub(crate) fn noted_interruption() -> Option<i32> {
    let signal = NOTED.load(Ordering::Relaxed);
    i32::try_from(signal).ok().filter(|signal| *signal != 0)
}

/// Returns an error if a signal has come. Call this between the steps of a change.
pub(crate) fn stop_if_interrupted() -> Result<(), RepositoryError> {
    match noted_interruption() {
        Some(_) => Err(RepositoryError::Interrupted),
        None => Ok(()),
    }
}
