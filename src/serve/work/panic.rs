//! Catches panics, so that they don't end the service.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`. The error is the message of a panic.
pub(super) fn without_panic<Done>(work: impl FnOnce() -> Done) -> Result<Done, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| message(&*panic))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied();
    let words = words.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!(
        "an error in this program: {}",
        words.unwrap_or("no words about it")
    )
}
