//! The verbs that deploy: forward, or back to an earlier commit.

pub(super) mod deploy;
pub(super) mod options;
pub(super) mod rollback;
