//! What is asked of a Swarm about its networks.

use super::EngineError;
use crate::swarm::observed::network::{NetworkedService, SwarmNetwork};

/// The overlay networks of a Swarm.
pub trait Networks {
    /// All overlay networks but the one that published ports come in by, with the containers on them that no service
    /// has started.
    fn networks(&self) -> Result<Vec<SwarmNetwork>, EngineError>;

    /// All services, and the networks of all tasks that run or are to run.
    fn network_users(&self) -> Result<(Vec<NetworkedService>, Vec<String>), EngineError>;

    /// Removes one network.
    fn remove_network(&self, network: &SwarmNetwork) -> Result<(), EngineError>;
}
