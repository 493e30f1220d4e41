//! The look at each file and message, which writes down what is wrong with it.
//!
//! `files` are looked at as a whole, `long_files` in `windows` that overlap. `lines` says where in a file something stands.

mod files;
mod lines;
mod long_files;
mod windows;

pub(super) use files::Inspector;
