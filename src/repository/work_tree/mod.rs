//! The files that people work on: their state, writing them through Git, other work trees.

pub(super) mod behind_link;
pub(super) mod checkout;
pub(super) mod half_done;
pub(super) mod linked;
pub(super) mod pathspecs;
pub(super) mod rewrite;
pub(super) mod shared_files;
pub(super) mod state;
