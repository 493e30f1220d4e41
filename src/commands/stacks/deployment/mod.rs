//! The commands that deploy: what the repository wants now, or what an earlier commit wanted.

pub(super) mod deploy;
pub(super) mod options;
pub(super) mod rollback;
