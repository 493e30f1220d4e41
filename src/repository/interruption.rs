//! A signal that asks for an end: noted while a repository is being changed, and asked about between two steps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use super::error::RepositoryError;

/// The number of the signal that has come; signals are the whole process's, and so is this.
static NOTED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Where the number of a signal is to be written when it comes: from then on no further step is taken.
pub(crate) fn interruption_note() -> Arc<AtomicUsize> {
    Arc::clone(&NOTED)
}

/// The signal that has come, if one has.
pub(crate) fn noted_interruption() -> Option<i32> {
    let signal = NOTED.load(Ordering::Relaxed);
    i32::try_from(signal).ok().filter(|signal| *signal != 0)
}

/// Asked between two steps: refuses the next one after a signal.
pub(crate) fn go_on() -> Result<(), RepositoryError> {
    match noted_interruption() {
        Some(_) => Err(RepositoryError::Interrupted),
        None => Ok(()),
    }
}
