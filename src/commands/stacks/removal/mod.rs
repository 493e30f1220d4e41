//! The verb that removes, and how removing is chosen, asked for and told.

pub(super) mod prune;
pub(super) mod stale;
pub(super) mod stale_removal;
