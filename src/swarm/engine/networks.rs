//! The requests that this program makes about networks.

use super::EngineError;
use crate::swarm::observed::network::{NetworkInventory, NetworkedService, SwarmNetwork};

/// The overlay networks of a Swarm.
pub trait Networks {
    /// All overlay networks but the ingress network, with the containers on them that no service has started.
    fn networks(&self) -> Result<Vec<SwarmNetwork>, EngineError>;

    /// All services, and the networks of all tasks that run or are to run.
    fn network_users(&self) -> Result<(Vec<NetworkedService>, Vec<String>), EngineError>;

    /// All overlay networks and who is on them. One listing that fails makes all fail: networks whose users are not listed would
    /// look unused.
    fn network_inventory(&self) -> Result<NetworkInventory, EngineError> {
        // Users last, so that a network which a service begins to use meanwhile is seen as used.
        let networks = self.networks()?;
        let (services, tasks) = self.network_users()?;
        Ok(NetworkInventory {
            networks,
            services,
            tasks,
        })
    }

    /// Removes one network.
    fn remove_network(&self, network: &SwarmNetwork) -> Result<(), EngineError>;
}
