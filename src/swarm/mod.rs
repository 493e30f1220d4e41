//! The Docker side's story: look at what the Swarm holds, plan, act.

mod attribution;
mod change;
mod engine;
#[cfg(test)]
mod examples;
mod inventory;
mod labels;
mod plan;
mod prune;

pub use change::ServiceChange;
pub use engine::{Creation, DockerEngine, Endpoint, Engine, EngineError, NewObject};
pub use inventory::{Inventory, Reference, SwarmObject, SwarmService, SwarmTask, Usage};
pub use labels::{Labels, MadeAt};
pub use plan::{Conflict, Difference, Obstacle, Plan, plan};
pub use prune::{Judged, Policy, Revision, Standing, judge, stale};
