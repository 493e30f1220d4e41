//! The networks that a stack expects to be there already.

use super::compose::Network;
use super::compose_error::ComposeError;
use super::document::{NodeId, Pair};
use super::load::Stack;
use super::reader::Reader;

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
        let mut merged: Vec<(&Network, &str)> = Vec::new();
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

impl Reader<'_> {
    /// The top-level networks; what is wrong with them is the docker client's to say.
    pub(super) fn networks(&self, section: &Pair) -> Result<Vec<Network>, ComposeError> {
        let mut networks = Vec::new();
        for pair in self.document.pairs(section.value)?.unwrap_or_default() {
            let key = self.document.key(pair.key).to_owned();
            networks.push(Network {
                external: self.external_name(pair.value, &key)?,
                line: self.document.line(pair.key),
                key,
            });
        }
        Ok(networks)
    }

    fn external_name(&self, network: NodeId, key: &str) -> Result<Option<String>, ComposeError> {
        let place = format!("networks.{key}");
        let properties = self.document.pairs(network)?.unwrap_or_default();
        let value = |wanted: &str, among: &[Pair]| {
            let mut among = among.iter();
            let found = among.find(|pair| self.document.key(pair.key) == wanted);
            found.map(|pair| pair.value)
        };
        let Some(external) = value("external", &properties) else {
            return Ok(None);
        };
        let mut name = value("name", &properties);
        if self.document.scalar(external).is_none() {
            let inner = self.document.pairs(external)?.unwrap_or_default();
            name = value("name", &inner);
        } else if self.interpolated(external, &place)?.to_lowercase() != "true" {
            return Ok(None);
        }
        match name {
            None => Ok(Some(key.to_owned())),
            Some(name) => self.strict(name, &format!("{place}.name")).map(Some),
        }
    }
}
