//! Talks to a Docker daemon: finds it, sends requests, reads answers.
//!
//! The files of this folder are the only ones that name bollard and tokio; a runtime exists only while a
//! [`DockerEngine`] does.

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

/// The requests that this program makes of a Swarm.
pub trait Engine {
    /// All secrets and configs.
    fn objects(&self) -> Result<Vec<SwarmObject>, EngineError>;

    /// All services, and all tasks that run or are to run.
    fn users(&self) -> Result<(Vec<SwarmService>, Vec<SwarmTask>), EngineError>;

    /// The whole Swarm: its secrets and configs and who uses them. One listing that fails makes all fail: objects whose users are
    /// not listed would look unused.
    fn inventory(&self) -> Result<Inventory, EngineError> {
        // Users last, so that an object which a service begins to use meanwhile is seen as used.
        let objects = Inventory::of_listed(self.objects()?);
        let (services, tasks) = self.users()?;
        Ok(Inventory {
            services,
            tasks,
            ..objects
        })
    }

    /// All services, without tasks and volumes.
    fn swarm_services(&self) -> Result<Vec<SwarmService>, EngineError>;

    /// Secrets, configs and services, for work that removes nothing and needs no other users.
    fn inventory_of_services(&self) -> Result<Inventory, EngineError> {
        let objects = Inventory::of_listed(self.objects()?);
        Ok(Inventory {
            services: self.swarm_services()?,
            ..objects
        })
    }

    /// The secrets and configs only, for work that needs no users.
    fn inventory_of_objects(&self) -> Result<Inventory, EngineError> {
        Ok(Inventory::of_listed(self.objects()?))
    }

    /// Creates objects, several at a time. `done` hears how each creation ended, in the order in which they end. The next object
    /// is taken from `objects` only when its turn has come: an iterator that ends early stops the work.
    fn create(&self, objects: &mut dyn Iterator<Item = NewObject>, done: &mut dyn FnMut(Creation));

    /// Removes one object.
    fn remove(&self, object: &SwarmObject) -> Result<(), EngineError>;
}

/// A secret or config to be created, content included.
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

/// The end of the creation of one object.
#[derive(Debug)]
pub struct Creation {
    /// Secret or config.
    pub kind: ObjectKind,
    pub name: ObjectName,
    /// The daemon's answer.
    pub result: Result<(), EngineError>,
}
