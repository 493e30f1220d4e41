//! The command that removes: chooses, asks, removes.

mod leftovers;
pub(super) mod prune;
pub(super) mod stale;
pub(super) mod stale_removal;
