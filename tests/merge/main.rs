//! Merge, rebase, cherry-pick and stash of encrypted files, with real git.

#[path = "../harness/mod.rs"]
mod harness;

mod conflicts;
mod empty_files;
mod outcomes;
mod scene;
