//! The networks that a stack expects to exist in the Swarm already.

use std::collections::HashSet;

use crate::stack::loaded::Stack;

/// Names that the docker client takes for built-in networks of an engine (`container.NetworkMode.IsUserDefined`).
const BUILT_IN: [&str; 4] = ["bridge", "default", "host", "none"];

/// A network with `external: true` that a service is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalNetwork {
    /// Its name in the Swarm.
    pub name: String,
    /// The stack file and line (from 1) that declare it.
    pub place: String,
}

impl Stack<'_> {
    /// The external networks that services of this stack are attached to. As in the docker client, external networks that no
    /// service uses are not checked, and a later file's entry replaces an earlier one.
    pub fn external_networks(&self) -> Vec<ExternalNetwork> {
        let services = self.files.iter().flat_map(|file| &file.compose.services);
        let used: HashSet<&String> = services.flat_map(|service| &service.networks).collect();
        let declared = self.files.iter().flat_map(|file| {
            let networks = file.compose.networks.iter();
            networks.map(|network| (network, &file.path))
        });
        // If several files declare a network, the last one counts.
        let mut keys = HashSet::new();
        let mut merged: Vec<_> = declared.collect();
        merged.reverse();
        merged.retain(|(network, _)| keys.insert(&network.key));
        merged.reverse();
        let mut external: Vec<ExternalNetwork> = Vec::new();
        let mut names = HashSet::new();
        for (network, file) in merged {
            let Some(name) = &network.external else {
                continue;
            };
            let is_looked_for = used.contains(&network.key) && !BUILT_IN.contains(&name.as_str());
            if is_looked_for && names.insert(name) {
                external.push(ExternalNetwork {
                    name: name.clone(),
                    place: format!("{file}:{}", network.line),
                });
            }
        }
        external
    }
}
