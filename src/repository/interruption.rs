//! A signal that asks for an end. It is noted while a repository is being changed, and looked at between two steps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use super::error::RepositoryError;

/// The number of the signal that has come; 0 if none has. Like signals, it belongs to the whole process.
static NOTED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Where a signal handler writes the number of its signal. From then on no further step is taken.
pub(crate) fn interruption_note() -> Arc<AtomicUsize> {
    Arc::clone(&NOTED)
}

/// The signal that has come, if one has.
pub(crate) fn noted_interruption() -> Option<i32> {
    let signal = NOTED.load(Ordering::Relaxed);
    i32::try_from(signal).ok().filter(|signal| *signal != 0)
}

/// An error after a signal. It is called between two steps of a change.
pub(crate) fn go_on() -> Result<(), RepositoryError> {
    match noted_interruption() {
        Some(_) => Err(RepositoryError::Interrupted),
        None => Ok(()),
    }
}
