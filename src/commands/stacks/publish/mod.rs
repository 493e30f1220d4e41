//! The commands that bring secrets and configs to a Swarm, and those that prepare the user's own deployment.

pub(super) mod creation;
pub(super) mod env;
pub(super) mod render;
pub(super) mod sync;
