//! The verbs for stacks: what the repository wants of a Swarm, and how it gets there.

mod age;
mod creation;
mod deploy;
mod deployment;
mod docker_arguments;
mod docker_host;
mod encrypted_configs;
mod env;
mod ls;
mod narrator;
mod networks;
mod one_stack;
mod plan;
mod prune;
mod reasons;
mod removal;
mod render;
mod rollback;
mod service_board;
mod setting_changes;
mod stack_selection;
mod stack_source;
mod stale;
mod sync;
mod tally;
mod unverified;

pub(super) use deploy::DeployArgs;
pub(super) use env::EnvArgs;
pub(super) use ls::LsArgs;
pub(super) use plan::PlanArgs;
pub(super) use prune::PruneArgs;
pub(super) use render::RenderArgs;
pub(super) use rollback::RollbackArgs;
pub(super) use sync::SyncArgs;
