//! The Docker side's story: look at what the Swarm holds, plan, act.
//!
//! [`Inventory::take`] looks through an [`Engine`]; [`plan`] and [`judge`] are pure functions of what a stack wants and
//! what was seen; [`create`] and [`remove`] act. A deployment takes its [`Turn`], runs the docker client
//! ([`deploy_stack`]) and [`Watch`]es the services until each has [`converged`]. Nothing here prints or knows what was
//! typed.

mod apply;
mod attribution;
mod change;
mod client;
mod converge;
mod engine;
mod error;
#[cfg(test)]
mod examples;
mod holder;
mod inventory;
mod labels;
mod memory_file;
mod network;
mod overlay;
mod plan;
mod prune;
mod removal;
mod service;
mod state;
mod turn;
mod unverified;
mod watch;

pub(crate) use apply::{Created, Order, create};
pub(crate) use change::ServiceChange;
pub(crate) use client::{ClientError, ClientRun, HandedOver, deploy_stack};
pub use engine::{DockerEngine, Endpoint, Engine, EngineError, Networks};
pub use error::SwarmError;
pub(crate) use inventory::{Inventory, SwarmObject, Usage};
pub use network::NetworkInventory;
pub(crate) use network::SwarmNetwork;
pub(crate) use overlay::{create_networks, missing_networks};
pub(crate) use plan::{Conflict, Difference, Obstacle, Plan, plan};
pub(crate) use prune::{Judged, Policy, Standing, judge};
pub(crate) use removal::{Removable, Removed, remove};
pub use state::State;
pub(crate) use turn::{Patience, Turn, TurnNews};
pub(crate) use unverified::unverified;
pub use watch::{Watch, Watched};
