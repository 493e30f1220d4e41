//! The index: what Git has of each file, what of it is not committed yet, and changes of it by running `git`.

pub(super) mod entries;
pub(super) mod file;
pub(super) mod staged;
pub(super) mod update;
