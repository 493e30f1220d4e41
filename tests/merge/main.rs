//! Merge, rebase, cherry-pick and stash of encrypted files, with real git.

#[path = "../harness/mod.rs"]
mod harness;

mod conflicts;
mod outcomes;
mod scene;
