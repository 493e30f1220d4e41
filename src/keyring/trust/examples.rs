//! Statements and moments for the tests of this room.

use super::{Since, SuccessionStatement};
use crate::format::examples::key;

/// The default key of seed `from` says that the one of seed `to` takes its place.
pub(crate) fn follows(from: u8, to: u8) -> SuccessionStatement {
    SuccessionStatement::sign(&key("default", from), &key("default", to), since(0))
}

/// A moment, this many seconds after noon of a fixed day.
pub(crate) fn since(seconds: i64) -> Since {
    let noon: jiff::Timestamp = "2026-11-26T12:00:00Z".parse().expect("a moment");
    let then = noon
        .checked_add(jiff::SignedDuration::from_secs(seconds))
        .expect("not so far");
    Since::after(None, then).expect("not the end of time")
}
