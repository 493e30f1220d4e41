//! Networks in the daemon's responses.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::Deserialize;

use crate::swarm::observed::network::SwarmNetwork;

/// The name in an item of `GET /networks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworkName {
    #[serde(default)]
    pub(crate) name: String,
}

/// An item of `GET /networks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireNetwork {
    pub(crate) id: String,
    pub(crate) name: String,
    created: Timestamp,
    #[serde(default)]
    driver: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    ingress: bool,
    labels: Option<BTreeMap<String, String>>,
}

/// `GET /networks/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworkDetails {
    containers: Option<BTreeMap<String, AttachedContainer>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttachedContainer {
    #[serde(default)]
    name: String,
}

impl WireNetwork {
    /// True for an overlay network that is not the ingress network.
    pub(crate) fn is_overlay(&self) -> bool {
        self.driver == "overlay" && self.scope == "swarm" && !self.ingress
    }

    /// The network, with these containers attached to it.
    pub(crate) fn read(self, containers: Vec<String>) -> SwarmNetwork {
        SwarmNetwork {
            id: self.id,
            name: self.name,
            labels: self.labels.unwrap_or_default().into(),
            created_at: self.created,
            containers,
        }
    }
}

impl NetworkDetails {
    /// The names of attached containers, except those in `tasks` and the engine's own load balancer.
    pub(crate) fn containers_beside(self, tasks: &HashSet<&str>) -> Vec<String> {
        let containers = self.containers.unwrap_or_default().into_iter();
        let others =
            containers.filter(|(id, _)| !id.starts_with("lb-") && !tasks.contains(id.as_str()));
        others.map(|(_, container)| container.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_containers_that_no_service_started_are_named() {
        let details: NetworkDetails = serde_json::from_str(
            r#"{"Containers": {"c1": {"Name": "task"}, "c2": {"Name": "shell"}, "lb-web": {"Name": "lb"}}}"#,
        )
        .expect("it is the API's form");
        assert_eq!(details.containers_beside(&HashSet::from(["c1"])), ["shell"]);
    }

    #[test]
    fn the_ingress_network_and_those_of_one_host_are_left_out() {
        let is_overlay = |rest: &str| {
            let json =
                format!(r#"{{"Id": "i", "Name": "n", "Created": "2026-11-22T16:42:22Z", {rest}}}"#);
            let network: WireNetwork = serde_json::from_str(&json).expect("it is the API's form");
            network.is_overlay()
        };
        assert!(is_overlay(r#""Driver": "overlay", "Scope": "swarm""#));
        assert!(!is_overlay(
            r#""Driver": "overlay", "Scope": "swarm", "Ingress": true"#
        ));
        assert!(!is_overlay(r#""Driver": "bridge", "Scope": "local""#));
    }
}
