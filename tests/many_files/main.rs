//! Repositories of thousands of encrypted files: a matrix, `tests/run.sh --all`.

#[path = "../harness/mod.rs"]
mod harness;

mod many_files;
