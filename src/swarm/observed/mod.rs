//! Plain data about a Swarm as it was seen: secrets and configs, who uses them, networks, services.

pub(crate) mod index;
pub(crate) mod inventory;
pub(crate) mod labels;
pub(crate) mod network;
pub(crate) mod service;
