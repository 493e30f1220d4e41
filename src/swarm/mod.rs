//! The Docker side's story: look at what the Swarm holds, plan, act.
//!
//! [`Inventory::take`] looks through an [`Engine`]; [`plan`] and [`judge`] are pure functions of what a stack wants and
//! what was seen; [`create`] and [`remove`] act. Nothing here prints or knows what was typed.

mod apply;
mod attribution;
mod change;
mod engine;
mod error;
#[cfg(test)]
mod examples;
mod inventory;
mod labels;
mod network;
mod plan;
mod prune;
mod removal;
mod unverified;

pub use apply::{Created, Order, create};
pub use change::ServiceChange;
pub use engine::{
    Creation, DockerEngine, Endpoint, Engine, EngineError, Networks, NewObject, SshHost, TlsFiles,
};
pub use error::SwarmError;
pub use inventory::{Inventory, Reference, SwarmObject, SwarmService, SwarmTask, Usage};
pub use labels::{Labels, MadeAt};
pub use network::{NetworkInventory, NetworkUsage, NetworkedService, SwarmNetwork};
pub use plan::{Conflict, Difference, Obstacle, Plan, plan};
pub use prune::{Judged, Policy, Revision, Standing, judge, stale};
pub use removal::{Removed, remove, remove_networks};
pub use unverified::unverified;
