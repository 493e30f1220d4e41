//! The networks of a real Swarm.

use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::DockerEngine;
use crate::swarm::engine::wire::{NetworkDetails, WireNetwork, WireService, WireTask};
use crate::swarm::engine::{EngineError, Networks};
use crate::swarm::observed::network::{NetworkedService, SwarmNetwork};

impl Networks for DockerEngine {
    fn networks(&self) -> Result<Vec<SwarmNetwork>, EngineError> {
        self.runtime.block_on(async {
            let networks: Vec<WireNetwork> = self.list("networks").await?;
            let overlays = networks.into_iter().filter(WireNetwork::is_overlay);
            let details = overlays.map(async |network| {
                let doing = format!("looking at network {}", network.name);
                let path = format!("networks/{}", network.id);
                let details: Result<NetworkDetails, _> = self.read(&doing, &path).await;
                match details {
                    // The network was removed after the listing.
                    Err(EngineError::Refused { status: 404, .. }) => Ok(None),
                    details => Ok(Some((network, details?))),
                }
            });
            // The number of concurrent requests is limited, because each needs an ssh process if the daemon is reached by
            // ssh.
            let details = stream::iter(details).buffered(self.in_flight);
            let details: Vec<_> = details.try_collect().await?;
            // Tasks are listed after the networks. Otherwise the container of a new task would look like a container without
            // a service.
            let tasks: Vec<WireTask> = self.list("tasks").await?;
            let tasks: HashSet<&str> = tasks.iter().filter_map(WireTask::container).collect();
            let networks = details.into_iter().flatten();
            Ok(networks
                .map(|(network, details)| network.read(details.containers_beside(&tasks)))
                .collect())
        })
    }

    fn network_users(&self) -> Result<(Vec<NetworkedService>, Vec<String>), EngineError> {
        self.runtime.block_on(async {
            let services: Vec<WireService> = self.list("services").await?;
            let tasks: Vec<WireTask> = self.list("tasks").await?;
            let services = services.iter().map(WireService::networked).collect();
            let tasks = tasks.iter().flat_map(WireTask::networks).collect();
            Ok((services, tasks))
        })
    }

    fn remove_network(&self, network: &SwarmNetwork) -> Result<(), EngineError> {
        let name = network.name.clone();
        let doing = format!("removing network {name}");
        let removed = self.ask(&doing, async || {
            self.docker.remove_network(&network.id).await
        });
        match self.runtime.block_on(removed) {
            // Managers answer with the status 500 and this message.
            Err(EngineError::Refused { message, .. }) if message.ends_with("not found") => {
                Err(EngineError::NoSuchNetwork { name })
            }
            Err(EngineError::Refused { message, .. })
                if message.contains("is in use by") || message.contains("has active endpoints") =>
            {
                Err(EngineError::NetworkInUse { name, message })
            }
            other => other,
        }
    }
}
