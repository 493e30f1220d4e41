//! Repositories of thousands of encrypted files, or of files longer than memory: a matrix, `tests/run.sh --all`.

#[path = "../harness/mod.rs"]
mod harness;

mod long_files;
mod long_filters;
mod many_files;
