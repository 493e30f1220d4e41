//! The index: its entries, what of them is not committed yet, and changing it by running `git`.

pub(super) mod entries;
pub(super) mod file;
pub(super) mod staged;
pub(super) mod update;
