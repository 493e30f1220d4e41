//! The verb that removes: choosing, asking, removing.

pub(super) mod prune;
pub(super) mod stale;
pub(super) mod stale_removal;
