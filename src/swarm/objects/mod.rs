//! Secrets and configs: compares what a stack wants with what the Swarm has, and creates and removes objects.

pub(crate) mod apply;
mod attribution;
pub(crate) mod change;
pub(crate) mod created;
pub(crate) mod leftovers;
pub(crate) mod notices;
pub(crate) mod orders;
pub(crate) mod plan;
pub(crate) mod prune;
pub(crate) mod reasons;
pub(crate) mod removal;
pub(crate) mod stale;
