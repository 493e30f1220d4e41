//! Keys and moments for the tests of this room.

use super::since::Since;
use crate::format::{FileKey, KeyFile, KeyName};

/// A key that differs for each seed.
pub(crate) fn key(name: &str, seed: u8) -> KeyFile {
    let name = KeyName::of_file_name(name).expect("a key name");
    KeyFile::of_one(name, FileKey::build(0, |material| material.fill(seed)))
}

/// A moment, this many seconds after noon of a fixed day.
pub(crate) fn since(seconds: i64) -> Since {
    let noon: jiff::Timestamp = "2026-11-26T12:00:00Z".parse().expect("a moment");
    let then = noon
        .checked_add(jiff::SignedDuration::from_secs(seconds))
        .expect("not so far");
    Since::after(None, then).expect("not the end of time")
}
