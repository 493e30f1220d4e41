//! Looks at each file and message, and records what is wrong with it.
//!
//! `files` are looked at as a whole, `long_files` in overlapping `windows`. `lines` gives the line and column of an offset.

mod files;
mod lines;
mod long_files;
mod windows;

pub(super) use files::Inspector;
