//! A deployment: it takes its turn, makes networks, runs the docker client and watches the services until they have converged.

pub(crate) mod client;
pub(crate) mod commits_ahead;
pub(crate) mod compare_with_last;
pub(crate) mod convergence;
pub(crate) mod deployment;
pub(crate) mod difference;
pub(crate) mod field_changes;
mod holder;
pub(crate) mod overlay;
pub(crate) mod prepared_deployment;
pub(crate) mod turn;
