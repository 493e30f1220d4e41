//! The Docker side's story: look at what the Swarm holds, plan, act.

mod engine;
#[cfg(test)]
mod examples;
mod inventory;
mod labels;

pub use engine::{Creation, DockerEngine, Endpoint, Engine, EngineError, NewObject};
pub use inventory::{Inventory, Reference, SwarmObject, SwarmService, SwarmTask, Usage};
pub use labels::{Labels, MadeAt};
