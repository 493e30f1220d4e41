//! The verb that removes: choosing, asking, removing.

mod leftovers;
pub(super) mod prune;
pub(super) mod stale;
pub(super) mod stale_removal;
