//! The Docker side's story: look at what the Swarm holds, plan, act.
//!
//! An [`Engine`] takes the [`Inventory`]; [`plan`] and [`judge`] are pure functions of what a stack wants and
//! what was seen; [`create`] and [`remove`] act. A deployment takes its [`Turn`], runs the docker client
//! ([`deploy_stack`]) and [`Watch`]es the services until each has [`converged`]. Nothing here prints or knows what was
//! typed.

mod deploy;
mod engine;
mod error;
#[cfg(test)]
mod examples;
mod objects;
mod observed;

pub(crate) use deploy::client::{ClientError, ClientRun, HandedOver, deploy_stack};
pub(crate) use deploy::overlay::{create_networks, missing_networks};
pub use deploy::state::State;
pub(crate) use deploy::turn::{Patience, Turn, TurnNews};
pub use deploy::watch::{Watch, Watched};
pub use engine::{DockerEngine, Endpoint, Engine, EngineError, Networks};
pub use error::SwarmError;
pub(crate) use objects::apply::{Created, Order, create};
pub(crate) use objects::change::ServiceChange;
pub(crate) use objects::plan::{Conflict, Difference, Obstacle, Plan, plan};
pub(crate) use objects::prune::{Judged, Policy, Standing, judge};
pub(crate) use objects::removal::{Removable, Removed, remove};
pub(crate) use objects::unverified::unverified;
pub(crate) use observed::inventory::Inventory;
pub(crate) use observed::inventory::{SwarmObject, Usage};
pub(crate) use observed::network::NetworkInventory;
pub(crate) use observed::network::SwarmNetwork;
