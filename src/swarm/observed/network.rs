//! The overlay networks of a Swarm, and what uses them.

use jiff::{SignedDuration, Timestamp};

use super::labels::Labels;

/// All overlay networks of a Swarm, and everything that refers to them.
#[derive(Debug, Clone, Default)]
pub struct NetworkInventory {
    /// The overlay networks without the ingress network.
    pub networks: Vec<SwarmNetwork>,
    /// Every service.
    pub services: Vec<NetworkedService>,
    /// The networks, by id or name, of the tasks that run or will run.
    pub tasks: Vec<String>,
}

/// An overlay network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwarmNetwork {
    /// Swarm's own id.
    pub id: String,
    pub name: String,
    pub labels: Labels,
    /// When it was created.
    pub created_at: Timestamp,
    /// Names of attached containers that do not belong to a service, on the manager that was asked. Containers on other
    /// nodes can't be listed; because of them, Swarm may refuse to remove the network.
    pub containers: Vec<String>,
}

/// A service and the networks that its specs name, by id or by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkedService {
    /// Its name, which includes the name of its stack.
    pub name: String,
    pub labels: Labels,
    /// Networks in its current spec.
    pub current: Vec<String>,
    /// Networks in its previous spec. `docker service rollback` would need them.
    pub previous: Vec<String>,
}

/// The users of a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkUsage<'inventory> {
    /// Services with the network in their current spec.
    pub current: Vec<&'inventory NetworkedService>,
    /// Services with the network only in their previous spec. A rollback would need it.
    pub previous: Vec<&'inventory NetworkedService>,
    /// True if a task is attached to it, or will be.
    pub tasks: bool,
    /// Attached containers that do not belong to a service.
    pub containers: &'inventory [String],
}

impl NetworkInventory {
    /// The users of `network`.
    pub fn usage<'a>(&'a self, network: &'a SwarmNetwork) -> NetworkUsage<'a> {
        let names = |spec: &[String]| spec.iter().any(|named| network.is_called(named));
        let current = |service: &&NetworkedService| names(&service.current);
        let previous = |service: &&NetworkedService| names(&service.previous) && !current(service);
        NetworkUsage {
            current: self.services.iter().filter(current).collect(),
            previous: self.services.iter().filter(previous).collect(),
            tasks: names(&self.tasks),
            containers: &network.containers,
        }
    }

    /// The networks that several stacks may share: those without a stack, and those that services of other stacks use.
    pub fn external(&self) -> impl Iterator<Item = &SwarmNetwork> {
        self.networks.iter().filter(|network| {
            let owner = network.labels.stack();
            let usage = self.usage(network);
            let mut users = usage.current.iter().chain(&usage.previous);
            owner.is_none() || users.any(|service| service.labels.stack() != owner)
        })
    }

    /// The networks that this program created and that are unused, even by previous specs. They are at least `min_age` old
    /// at `now`, since a deployment creates networks before the services that use them.
    pub fn unused(&self, min_age: SignedDuration, now: Timestamp) -> Vec<SwarmNetwork> {
        let unused = self.networks.iter().filter(|network| {
            network.labels.are_of_our_network()
                && self.usage(network).is_none()
                && now.duration_since(network.created_at) >= min_age
        });
        unused.cloned().collect()
    }
}

impl SwarmNetwork {
    fn is_called(&self, named: &str) -> bool {
        named == self.id || named == self.name
    }
}

impl NetworkUsage<'_> {
    /// True if nothing uses the network.
    pub fn is_none(&self) -> bool {
        *self == NetworkUsage::default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::swarm::engine::Networks as _;
    use crate::swarm::engine::memory::MemorySwarm;
    use crate::swarm::{SwarmError, examples, remove};

    fn network(name: &str, minutes: i64) -> SwarmNetwork {
        SwarmNetwork {
            id: format!("id-of-{name}"),
            name: name.to_owned(),
            labels: Labels::of_new_network(),
            created_at: examples::now() - SignedDuration::from_mins(minutes),
            containers: Vec::new(),
        }
    }

    fn service(name: &str, current: &[&str], previous: &[&str]) -> NetworkedService {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        NetworkedService {
            name: name.to_owned(),
            labels: examples::namespace(name.split('_').next().unwrap_or_default()),
            current: names(current),
            previous: names(previous),
        }
    }

    fn unused(inventory: &NetworkInventory) -> Vec<String> {
        let unused = inventory.unused(SignedDuration::from_mins(15), examples::now());
        unused.into_iter().map(|network| network.name).collect()
    }

    #[test]
    fn only_our_own_that_nobody_needs_are_unused() {
        let names = [
            "current",
            "previous",
            "task",
            "container",
            "young",
            "theirs",
            "free",
        ];
        let mut inventory = NetworkInventory {
            networks: names.iter().map(|name| network(name, 60)).collect(),
            services: vec![service("web_nginx", &["id-of-current"], &["previous"])],
            tasks: vec!["id-of-task".to_owned()],
        };
        inventory.networks[3].containers.push("shell".to_owned());
        inventory.networks[4].created_at = examples::now() - SignedDuration::from_mins(14);
        inventory.networks[5].labels = Labels::default();
        assert_eq!(unused(&inventory), ["free"]);
    }

    #[test]
    fn services_that_move_set_the_old_network_free_after_their_next_update() {
        let mut inventory = NetworkInventory {
            networks: vec![network("legacy", 60), network("web", 60)],
            services: vec![service("web_nginx", &["legacy", "web"], &["legacy"])],
            tasks: Vec::new(),
        };
        assert!(unused(&inventory).is_empty());
        inventory.services = vec![service("web_nginx", &["web"], &["legacy", "web"])];
        assert!(unused(&inventory).is_empty());
        inventory.services = vec![service("web_nginx", &["web"], &["web"])];
        assert_eq!(unused(&inventory), ["legacy"]);
    }

    #[test]
    fn a_stack_s_own_network_is_external_once_another_stack_is_on_it() {
        let mut inner = network("web_default", 60);
        inner.labels = examples::namespace("web");
        let mut inventory = NetworkInventory {
            networks: vec![inner, network("monitoring", 60)],
            services: vec![service("web_nginx", &["web_default"], &[])],
            tasks: Vec::new(),
        };
        let external = |inventory: &NetworkInventory| inventory.external().count();
        assert_eq!(external(&inventory), 1);
        inventory
            .services
            .push(service("shop_front", &["web_default"], &[]));
        assert_eq!(external(&inventory), 2);
    }

    #[test]
    fn one_in_use_by_now_stays_and_one_that_is_gone_is_no_wonder() {
        let networks = ["used", "gone", "free"].map(|name| network(name, 60));
        let engine = MemorySwarm::default();
        *engine.networks.borrow_mut() = NetworkInventory {
            networks: vec![networks[0].clone(), networks[2].clone()],
            services: Vec::new(),
            tasks: vec!["used".to_owned()],
        };
        let seen = engine.network_inventory().expect("it is in memory");
        assert_eq!(unused(&seen), ["free"]);
        let result = remove(&engine, &networks, &|| false, &mut |_, _| {});
        let refused = result.expect_err("one is in use");
        assert!(matches!(refused, SwarmError::StillUsed { .. }), "{refused}");
        assert_eq!(refused.to_string(), "1 left, in use by now: network used");
        assert_eq!(engine.networks.borrow().networks, [networks[0].clone()]);
    }

    proptest! {
        /// The property is checked without the functions under test.
        #[test]
        fn nothing_used_young_or_of_others_is_ever_chosen(
            networks in prop::collection::vec((any::<bool>(), 0..60i64, any::<bool>()), 0..8),
            uses in prop::collection::vec((0..3usize, 0..8usize, any::<bool>()), 0..12),
        ) {
            let mut inventory = NetworkInventory::default();
            for (index, (ours, minutes, attached)) in networks.into_iter().enumerate() {
                let mut made = network(&format!("n{index}"), minutes);
                if !ours { made.labels = Labels::default(); }
                if attached { made.containers.push("shell".to_owned()); }
                inventory.networks.push(made);
            }
            inventory.services = vec![service("web_a", &[], &[]), service("web_b", &[], &[])];
            let mut named = Vec::new();
            for (user, index, by_id) in uses {
                let name = if by_id { format!("id-of-n{index}") } else { format!("n{index}") };
                named.push(format!("n{index}"));
                match user {
                    0 => inventory.services[0].current.push(name),
                    1 => inventory.services[1].previous.push(name),
                    _ => inventory.tasks.push(name),
                }
            }
            for chosen in inventory.unused(SignedDuration::from_mins(15), examples::now()) {
                prop_assert!(!named.contains(&chosen.name));
                prop_assert!(chosen.labels.are_of_our_network() && chosen.containers.is_empty());
                prop_assert!(chosen.created_at <= examples::now() - SignedDuration::from_mins(15));
            }
        }
    }
}
