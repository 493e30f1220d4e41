//! `ls --networks`: lists the external networks, with the stacks and services on them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::Context;
use crate::commands::stacks::reporting::age::age_of;
use crate::failure::Failure;
use crate::swarm::{NetworkInventory, Networks, SwarmNetwork};

/// One network in the list.
#[derive(Serialize)]
struct ListedNetwork<'a> {
    network: &'a str,
    id: &'a str,
    made_by_hs_secrets: bool,
    created_at: Timestamp,
    state: NetworkState,
    stacks: Vec<StackOnNetwork<'a>>,
    containers: &'a [String],
}

/// The services of one stack on a network, or without a stack, those that belong to none.
#[derive(Serialize)]
struct StackOnNetwork<'a> {
    stack: Option<&'a str>,
    services: Vec<&'a str>,
    previous: Vec<&'a str>,
}

#[derive(Serialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum NetworkState {
    Used,
    Previous,
    Unused,
}

/// Lists the external networks: all, or those that any of `stacks` is on.
pub(crate) fn list(
    context: &Context,
    engine: &impl Networks,
    stacks: &[String],
    json: bool,
) -> Result<(), Failure> {
    let inventory = engine.network_inventory()?;
    let networks = inventory.external();
    let mut listed: Vec<ListedNetwork<'_>> = networks
        .map(|network| ListedNetwork::new(&inventory, network))
        .filter(|listed| stacks.is_empty() || listed.has_one_of(stacks))
        .collect();
    listed.sort_by_key(|listed| listed.network);
    if json {
        context.terminal.json(&listed)
    } else {
        let head = ["NETWORK", "MADE BY", "AGE", "STATE", "STACK", "USED BY"];
        let rows = listed.iter().flat_map(ListedNetwork::lines).map(Vec::from);
        context.terminal.table(&head, rows.collect())
    }
}

impl<'a> ListedNetwork<'a> {
    fn new(inventory: &'a NetworkInventory, network: &'a SwarmNetwork) -> Self {
        let usage = inventory.usage(network);
        let state = if !usage.current.is_empty() || usage.tasks || !usage.containers.is_empty() {
            NetworkState::Used
        } else if usage.previous.is_empty() {
            NetworkState::Unused
        } else {
            NetworkState::Previous
        };
        let mut stacks: BTreeMap<Option<&str>, StackOnNetwork<'a>> = BTreeMap::new();
        let current = usage.current.iter().map(|service| (service, false));
        let previous = usage.previous.iter().map(|service| (service, true));
        for (service, only_previous) in current.chain(previous) {
            let stack = service.labels.stack();
            let of_stack = stacks.entry(stack).or_insert_with(|| StackOnNetwork {
                stack,
                services: Vec::new(),
                previous: Vec::new(),
            });
            let services = if only_previous {
                &mut of_stack.previous
            } else {
                &mut of_stack.services
            };
            services.push(&service.name);
        }
        let mut stacks: Vec<_> = stacks.into_values().collect();
        for stack in &mut stacks {
            stack.services.sort_unstable();
            stack.previous.sort_unstable();
        }
        Self {
            network: &network.name,
            id: &network.id,
            made_by_hs_secrets: network.labels.are_of_our_network(),
            created_at: network.created_at,
            state,
            stacks,
            containers: usage.containers,
        }
    }

    fn has_one_of(&self, stacks: &[String]) -> bool {
        let mut names = self.stacks.iter().filter_map(|of_stack| of_stack.stack);
        names.any(|name| stacks.iter().any(|stack| stack == name))
    }

    /// A line for each stack on the network, or one line if there is none.
    fn lines(&self) -> Vec<[String; 6]> {
        let line = |stack: &str, users: Vec<String>| {
            let state = match self.state {
                NetworkState::Used => "used",
                NetworkState::Previous => "previous",
                NetworkState::Unused => "unused",
            };
            let maker = if self.made_by_hs_secrets {
                "hs-secrets"
            } else {
                "others"
            };
            [
                self.network.to_owned(),
                maker.to_owned(),
                age_of(self.created_at, Timestamp::now()),
                state.to_owned(),
                stack.to_owned(),
                users.join(", "),
            ]
        };
        let mut lines: Vec<_> = self
            .stacks
            .iter()
            .map(|of_stack| {
                let services = of_stack.services.iter().map(|name| (*name).to_owned());
                let previous = of_stack.previous.iter();
                let previous = previous.map(|name| format!("{name} (previous)"));
                let users = services.chain(previous).collect();
                line(of_stack.stack.unwrap_or_default(), users)
            })
            .collect();
        if !self.containers.is_empty() || lines.is_empty() {
            let containers = self.containers.iter();
            let containers = containers.map(|name| format!("container {name}"));
            lines.push(line("", containers.collect()));
        }
        lines
    }
}
