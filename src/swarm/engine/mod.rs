//! Talks to a Docker daemon: finds it, sends requests, reads responses.
//!
//! Within `swarm`, only the files in this folder use bollard and tokio. An async runtime exists only as long as a
//! [`DockerEngine`].

mod connect;
mod deployments;
mod docker;
mod error;
#[cfg(test)]
mod fake_daemon;
#[cfg(test)]
pub(crate) mod memory;
mod networks;
#[cfg(test)]
mod unusual_daemons;
mod wire;

pub use connect::Endpoint;
pub(crate) use deployments::{Deployments, HeldLock, NewLock};
pub use docker::DockerEngine;
pub use error::EngineError;
pub use networks::Networks;

use crate::secret::SecretBytes;
use crate::stack::{ObjectKind, ObjectName};
use crate::swarm::observed::inventory::{Inventory, SwarmService, SwarmTask};
use crate::swarm::observed::labels::Labels;
use crate::swarm::observed::object::SwarmObject;

/// The requests that this program sends to a Swarm.
pub trait Engine {
    /// All secrets and configs.
    fn objects(&self) -> Result<Vec<SwarmObject>, EngineError>;

    /// All services, and all tasks that run or will run.
    fn users(&self) -> Result<(Vec<SwarmService>, Vec<SwarmTask>), EngineError>;

    /// The secrets and configs of the whole Swarm, and what uses them. If one listing fails, the whole inventory fails:
    /// objects whose users are unknown would look unused.
    fn inventory(&self) -> Result<Inventory, EngineError> {
        // Users are listed last. An object that a service begins to use in between is then seen as used.
        let objects = Inventory::of_listed(self.objects()?);
        let (services, tasks) = self.users()?;
        Ok(Inventory {
            services,
            tasks,
            ..objects
        })
    }

    /// All services. Tasks and cluster volumes are not included.
    fn swarm_services(&self) -> Result<Vec<SwarmService>, EngineError>;

    /// Secrets, configs and services. It must not be used to decide what to remove, since it does not have all users.
    fn inventory_of_services(&self) -> Result<Inventory, EngineError> {
        let objects = Inventory::of_listed(self.objects()?);
        Ok(Inventory {
            services: self.swarm_services()?,
            ..objects
        })
    }

    /// Secrets and configs without their users.
    fn inventory_of_objects(&self) -> Result<Inventory, EngineError> {
        Ok(Inventory::of_listed(self.objects()?))
    }

    /// Creates objects, several at a time. `done` is called with the result of each creation, in the order in which they
    /// end. An object is taken from `objects` only when its creation starts, so an iterator that ends early stops the work.
    fn create(&self, objects: &mut dyn Iterator<Item = NewObject>, done: &mut dyn FnMut(Creation));

    /// Removes one object.
    fn remove(&self, object: &SwarmObject) -> Result<(), EngineError>;
}

/// A secret or config to be created, with its content.
#[derive(Debug)]
pub struct NewObject {
    /// Secret or config.
    pub kind: ObjectKind,
    pub name: ObjectName,
    pub labels: Labels,
    /// `template_driver` of its entry.
    pub template_driver: Option<String>,
    pub content: SecretBytes,
}

/// The result of creating one object.
#[derive(Debug)]
pub struct Creation {
    /// Secret or config.
    pub kind: ObjectKind,
    pub name: ObjectName,
    /// The daemon's response.
    pub result: Result<(), EngineError>,
}
