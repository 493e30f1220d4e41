//! The requests that this program sends about networks.

use super::EngineError;
use crate::swarm::observed::network::{NetworkInventory, NetworkedService, SwarmNetwork};

/// The overlay networks of a Swarm.
pub trait Networks {
    /// All overlay networks except the ingress network. Each has the containers attached to it that do not belong to a
    /// service.
    fn networks(&self) -> Result<Vec<SwarmNetwork>, EngineError>;

    /// All services, and the networks of all tasks that run or will run.
    fn network_users(&self) -> Result<(Vec<NetworkedService>, Vec<String>), EngineError>;

    /// All overlay networks and what uses them. If one listing fails, the whole inventory fails: networks whose users are
    /// unknown would look unused.
    fn network_inventory(&self) -> Result<NetworkInventory, EngineError> {
        // Users are listed last. A network that a service begins to use in between is then seen as used.
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
