//! Makes the external networks that are missing.

use crate::stack::{ExternalNetwork, Stack};
use crate::swarm::engine::{Deployments, EngineError};
use crate::swarm::error::SwarmError;

/// The networks of `wanted` that the Swarm does not have.
pub(crate) fn missing_networks<'a>(
    engine: &impl Deployments,
    wanted: impl IntoIterator<Item = &'a ExternalNetwork>,
) -> Result<Vec<&'a ExternalNetwork>, SwarmError> {
    let there = engine.network_names()?;
    let mut missing: Vec<&ExternalNetwork> = Vec::new();
    for network in wanted {
        let known = missing.iter().any(|other| other.name == network.name);
        if !there.contains(&network.name) && !known {
            missing.push(network);
        }
    }
    Ok(missing)
}

/// The networks that a deployment of each stack would make. None are known if a proxy does not let networks be listed.
pub(crate) fn networks_to_make(
    engine: &impl Deployments,
    stacks: &[Stack<'_>],
) -> Result<Vec<Vec<ExternalNetwork>>, EngineError> {
    let mut wanted: Vec<Vec<ExternalNetwork>> =
        stacks.iter().map(Stack::external_networks).collect();
    if wanted.iter().all(Vec::is_empty) {
        return Ok(wanted);
    }
    let there = match engine.network_names() {
        Err(EngineError::Forbidden { .. }) => None,
        listed => Some(listed?),
    };
    for networks in &mut wanted {
        networks.retain(|network| {
            there
                .as_ref()
                .is_some_and(|there| !there.contains(&network.name))
        });
    }
    Ok(wanted)
}

/// Makes attachable overlay networks with this program's label. `report` is called for each that this run has made. `meanwhile` is
/// called before each, and fails once the work is to end.
pub(crate) fn create_networks(
    engine: &impl Deployments,
    networks: &[&ExternalNetwork],
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
    report: &mut dyn FnMut(&ExternalNetwork),
) -> Result<(), SwarmError> {
    for network in networks {
        meanwhile()?;
        if engine.create_network(&network.name)? {
            report(network);
        }
    }
    Ok(())
}
