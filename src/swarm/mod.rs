//! The Docker side: observes a Swarm, plans, and acts.
//!
//! An [`Engine`] reads an `Inventory`, which is plain data (`observed`). Pure functions compare it with what stacks want:
//! they plan, and choose stale objects (`objects`). `objects` also creates and removes secrets and configs; `deploy` deploys
//! whole stacks until their services have converged. An [`Observer`] is told of each step. Nothing here prints, or knows the
//! command line.

mod child_output;
mod deploy;
mod engine;
mod error;
#[cfg(test)]
mod examples;
mod objects;
mod observed;
mod observer;

pub(crate) use child_output::{ChildOutput, end_child};
pub(crate) use deploy::client::arguments::{ServicePruning, service_pruning, with_absolute_paths};
pub(crate) use deploy::client::check::ask_docker;
pub(crate) use deploy::client::error::ClientError;
pub use deploy::client::run::ClientRun;
pub(crate) use deploy::commits_ahead::{CommitAhead, commits_ahead};
pub(crate) use deploy::compare_with_last::report_sources;
pub use deploy::convergence::state::State;
pub(crate) use deploy::convergence::state::{Breakage, Doing, Progress, is_about_image};
pub use deploy::convergence::watch::{Watch, Watched};
pub use deploy::deployment::Deployment;
pub(crate) use deploy::difference::DeploymentDifference;
pub(crate) use deploy::field_changes::{FieldChange, field_changes};
pub(crate) use deploy::overlay::networks_to_make;
pub use deploy::prepared_deployment::PreparedDeployment;
pub(crate) use engine::Deployments;
pub use engine::{DockerEngine, Endpoint, Engine, EngineError, Networks};
pub use error::SwarmError;
pub(crate) use objects::apply::{Order, create_all};
pub(crate) use objects::change::ServiceChange;

pub use objects::created::Created;
pub(crate) use objects::leftovers::{foreign_objects, gone_objects};
pub(crate) use objects::notices::report::report_stack_notices;
pub(crate) use objects::notices::setting_change::SettingChange;
pub(crate) use objects::orders::{check_orders, orders, plans};
pub use objects::plan::Plan;
pub(crate) use objects::plan::{Conflict, Difference, Obstacle};
pub use objects::prune::{Keep, Policy};
pub(crate) use objects::prune::{ObjectStanding, Standing, standings};
pub(crate) use objects::reasons::{UpdateReason, reasons};
pub(crate) use objects::removal::{Removable, Removed, remove};
pub(crate) use objects::stale::Chosen;
pub use objects::stale::Pruning;

pub(crate) use observed::elsewhere::stacks_elsewhere;
pub(crate) use observed::index::InventoryIndex;
pub(crate) use observed::inventory::{Inventory, Usage};
pub(crate) use observed::labels::MadeAt;
pub(crate) use observed::network::{NetworkInventory, SwarmNetwork};
pub(crate) use observed::object::SwarmObject;
#[cfg(test)]
pub(crate) use observed::service::{Mode, Update};
pub(crate) use observed::service::{ServiceState, UpdatePhase};
pub use observer::{Event, Observer};
