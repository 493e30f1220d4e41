//! Removes objects or networks.

use crate::swarm::engine::{Engine, EngineError, Networks};
use crate::swarm::error::SwarmError;
use crate::swarm::observed::network::SwarmNetwork;
use crate::swarm::observed::object::SwarmObject;

/// The result of removing one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// This run removed the object.
    Now,
    /// The object did not exist any more.
    Elsewhere,
    /// The object was not removed: a service has begun to use it.
    InUse,
}

/// Something that an engine `E` can remove.
pub(crate) trait Removable<E> {
    /// Its kind and its name.
    fn named(&self) -> String;

    /// Removes it.
    fn remove_from(&self, engine: &E) -> Result<(), EngineError>;
}

impl<E: Engine> Removable<E> for SwarmObject {
    fn named(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    fn remove_from(&self, engine: &E) -> Result<(), EngineError> {
        engine.remove(self)
    }
}

impl<E: Networks> Removable<E> for SwarmNetwork {
    fn named(&self) -> String {
        format!("network {}", self.name)
    }

    fn remove_from(&self, engine: &E) -> Result<(), EngineError> {
        engine.remove_network(self)
    }
}

/// Removes `all`, one after another. `reports` is called with the result of each removal. `interrupted` is checked before each.
pub(crate) fn remove<E, T: Removable<E>>(
    engine: &E,
    all: &[T],
    interrupted: &dyn Fn() -> bool,
    report: &mut dyn FnMut(&T, Removed),
) -> Result<(), SwarmError> {
    let mut done = 0;
    let mut used = Vec::new();
    for one in all {
        let result = if interrupted() {
            Err(SwarmError::Interrupted)
        } else {
            ended(one.remove_from(engine)).map_err(SwarmError::from)
        };
        let removed = result.map_err(|error| SwarmError::HalfRemoved {
            done,
            total: all.len(),
            source: Box::new(error),
        })?;
        if removed == Removed::InUse {
            used.push(one.named());
        } else {
            done += 1;
        }
        report(one, removed);
    }
    if used.is_empty() {
        Ok(())
    } else {
        Err(SwarmError::StillUsed { names: used })
    }
}

fn ended(removed: Result<(), EngineError>) -> Result<Removed, EngineError> {
    use EngineError::{InUse, NetworkInUse, NoSuchNetwork, NoSuchObject};
    match removed {
        Ok(()) => Ok(Removed::Now),
        Err(NoSuchObject { .. } | NoSuchNetwork { .. }) => Ok(Removed::Elsewhere),
        Err(InUse { .. } | NetworkInUse { .. }) => Ok(Removed::InUse),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::engine::memory::MemorySwarm;
    use crate::swarm::examples;
    use crate::swarm::observed::inventory::SwarmService;

    fn versions(count: u32) -> Vec<SwarmObject> {
        let version = |version| examples::held("web", &examples::secret("token", version), 60);
        (1..=count).map(version).collect()
    }

    #[test]
    fn gone_is_fine_and_in_use_is_an_error_that_does_not_stop_the_rest() {
        let objects = versions(3);
        let engine = MemorySwarm::holding(objects[1..].to_vec());
        engine.holds.borrow_mut().services.push(SwarmService {
            name: "web_blog".to_owned(),
            current: vec![examples::reference(&objects[1])],
            ..SwarmService::default()
        });
        let mut reports = Vec::new();
        let error = remove(&engine, &objects, &|| false, &mut |_, removed| {
            reports.push(removed)
        })
        .expect_err("one is in use");
        assert_eq!(reports, [Removed::Elsewhere, Removed::InUse, Removed::Now]);
        assert_eq!(
            error.to_string(),
            format!("1 left, in use by now: secret {}", objects[1].name)
        );
        assert_eq!(engine.names(), [objects[1].name.clone()]);
    }

    #[test]
    fn a_daemon_that_goes_away_and_an_interrupt_are_said() {
        let objects = versions(3);
        let engine = MemorySwarm::holding(objects.clone());
        engine.goes_away_after.set(Some(1));
        let error =
            remove(&engine, &objects, &|| false, &mut |_, _| {}).expect_err("the daemon went away");
        assert!(
            error
                .to_string()
                .ends_with("1 of 3 objects were removed before"),
            "{error}"
        );
        engine.goes_away_after.set(None);
        let error =
            remove(&engine, &objects, &|| true, &mut |_, _| {}).expect_err("it was interrupted");
        assert!(
            error.to_string().starts_with("interrupted; 0 of 3"),
            "{error}"
        );
    }
}
