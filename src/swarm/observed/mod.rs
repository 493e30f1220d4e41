//! Observations of a Swarm: its secrets and configs with their users, its networks, its services.

pub(crate) mod elsewhere;
pub(crate) mod index;
pub(crate) mod inventory;
pub(crate) mod labels;
pub(crate) mod network;
pub(crate) mod object;
pub(crate) mod record;
pub(crate) mod service;
