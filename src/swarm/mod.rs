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

pub use apply::{Created, Order, create};
pub use change::ServiceChange;
pub use client::{ClientError, ClientRun, HandedOver, deploy_stack};
pub use converge::{Observed, converged};
pub use engine::{
    Creation, Deployments, DockerEngine, Endpoint, Engine, EngineError, HeldLock, Networks,
    NewLock, NewObject, SshHost, TlsFiles,
};
pub use error::SwarmError;
pub use inventory::{Inventory, Reference, SwarmObject, SwarmService, SwarmTask, Usage};
pub use labels::{Labels, MadeAt};
pub use network::{NetworkInventory, NetworkUsage, NetworkedService, SwarmNetwork};
pub use overlay::{create_networks, missing_networks};
pub use plan::{Conflict, Difference, Obstacle, Plan, plan};
pub use prune::{Judged, Policy, Revision, Standing, judge, stale};
pub use removal::{Removable, Removed, remove};
pub use service::{Mode, ServiceState, TaskPhase, TaskState, Update, UpdatePhase};
pub use state::{Breakage, Doing, Progress, State};
pub use turn::{Patience, Turn, TurnNews};
pub use unverified::unverified;
pub use watch::{Watch, Watched};
