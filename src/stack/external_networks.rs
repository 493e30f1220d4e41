//! The networks that a stack expects to be there already.

use super::compose::StackNetwork;
use super::loaded::Stack;

/// Names that the docker client takes for networks of each engine's own (`container.NetworkMode.IsUserDefined`).
const BUILT_IN: [&str; 4] = ["bridge", "default", "host", "none"];

/// A network with `external: true` that a service is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalNetwork {
    /// Its name in the Swarm.
    pub name: String,
    /// The stack file and line (from 1) that ask for it.
    pub place: String,
}

impl Stack<'_> {
    /// The external networks that services of this stack are on. As with the docker client, those that nobody uses are
    /// not looked for, and a later file's entry replaces an earlier one.
    pub fn external_networks(&self) -> Vec<ExternalNetwork> {
        let services = self.files.iter().flat_map(|file| &file.compose.services);
        let used: Vec<&String> = services.flat_map(|service| &service.networks).collect();
        let mut merged: Vec<(&StackNetwork, &str)> = Vec::new();
        for file in &self.files {
            for network in &file.compose.networks {
                merged.retain(|(known, _)| known.key != network.key);
                merged.push((network, &file.path));
            }
        }
        let mut external: Vec<ExternalNetwork> = Vec::new();
        for (network, file) in merged {
            let Some(name) = &network.external else {
                continue;
            };
            let known = external.iter().any(|known| known.name == *name);
            if used.contains(&&network.key) && !known && !BUILT_IN.contains(&name.as_str()) {
                external.push(ExternalNetwork {
                    name: name.clone(),
                    place: format!("{file}:{}", network.line),
                });
            }
        }
        external
    }
}
