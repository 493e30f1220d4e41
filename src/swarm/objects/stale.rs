//! Removes stale objects: for `prune`, `sync --prune` and the end of a deployment.

use super::prune::{Policy, Standing, standings};
use super::removal::remove;
use crate::stack::DesiredStack;
use crate::swarm::engine::Engine;
use crate::swarm::error::SwarmError;
use crate::swarm::observed::inventory::Inventory;
use crate::swarm::observed::object::SwarmObject;
use crate::swarm::observer::{Event, Observer};

/// The scope of pruning: the stacks, and the rules for keeping objects.
pub struct Pruning<'a> {
    /// The stacks whose objects may be removed.
    pub stacks: Vec<&'a DesiredStack>,
    /// The other stacks of the repository. Objects that they want are kept.
    pub neighbours: Vec<&'a DesiredStack>,
    /// The rules for keeping objects that nobody uses.
    pub policy: Policy<'a>,
}

/// The objects to remove, and how many other unused objects are kept.
#[derive(Debug, Default)]
pub struct Chosen {
    /// The objects to remove.
    pub stale: Vec<SwarmObject>,
    /// How many are kept as the newest versions of their entry.
    pub newest: usize,
    /// How many are kept because they are younger than the minimum age.
    pub young: usize,
    /// How many are kept because the revision's history does not contain the commit they were made from.
    pub ahead: usize,
}

impl Pruning<'_> {
    /// Chooses the objects to remove.
    pub fn choose(&self, inventory: &Inventory) -> Chosen {
        let mut chosen = Chosen::default();
        for object in standings(&self.stacks, &self.neighbours, inventory, &self.policy) {
            match object.standing {
                Standing::Stale => chosen.stale.push(object.object.clone()),
                Standing::Newest => chosen.newest += 1,
                Standing::Young => chosen.young += 1,
                Standing::Ahead => chosen.ahead += 1,
                Standing::Wanted | Standing::Used(_) | Standing::Foreign => {}
            }
        }
        chosen
    }

    /// Reads the present state of the Swarm, and removes what is stale.
    pub fn run(&self, engine: &impl Engine, observer: &dyn Observer) -> Result<Chosen, SwarmError> {
        let chosen = self.choose(&engine.inventory()?);
        if !chosen.stale.is_empty() {
            let total = chosen.stale.len();
            observer.tell(Event::Removing { total });
            let interrupted = || observer.is_interrupted();
            remove(
                engine,
                &chosen.stale,
                &interrupted,
                &mut |object, removed| {
                    observer.tell(Event::Removed { object, removed });
                },
            )?;
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::swarm::engine::memory::MemorySwarm;
    use crate::swarm::examples;
    use crate::swarm::objects::prune::Revision;

    /// A history that contains every commit.
    struct Everything;

    impl Revision for Everything {
        fn contains(&self, _: &str) -> bool {
            true
        }

        fn is(&self, _: &str) -> bool {
            false
        }
    }

    #[derive(Default)]
    struct Heard(RefCell<Vec<String>>);

    impl Observer for Heard {
        fn tell(&self, event: Event<'_>) {
            self.0.borrow_mut().push(match event {
                Event::Removing { total } => format!("removing {total}"),
                Event::Removed { object, removed } => format!("{} {removed:?}", object.name),
                other => format!("{other:?}"),
            });
        }
    }

    #[test]
    fn what_is_stale_goes_and_what_stays_is_counted() {
        let versions = [1, 2, 3].map(|version| {
            let age = i64::from(version) * 60;
            examples::held("web", &examples::secret("token", version), age)
        });
        let engine = MemorySwarm::holding(versions.clone());
        let desired = examples::stack("web", [examples::secret("token", 1)]);
        let pruning = Pruning {
            stacks: vec![&desired],
            neighbours: Vec::new(),
            policy: Policy {
                now: examples::now(),
                ..Policy::of(&Everything)
            },
        };
        let heard = Heard::default();
        let chosen = pruning.run(&engine, &heard).expect("nothing is in use");
        assert_eq!((chosen.stale.len(), chosen.newest), (1, 1));
        let name = &versions[2].name;
        assert_eq!(
            heard.0.take(),
            ["removing 1".to_owned(), format!("{name} Now")]
        );
        pruning.run(&engine, &heard).expect("nothing is left to do");
        assert!(heard.0.take().is_empty());
    }
}
