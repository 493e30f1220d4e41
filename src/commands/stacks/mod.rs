//! The verbs for stacks: what the repository wants of a Swarm, and how it gets there.

mod deployment;
mod look;
mod publish;
mod removal;
mod selection;
mod telling;

pub(super) use deployment::deploy::DeployArgs;
pub(super) use deployment::rollback::RollbackArgs;
pub(super) use look::ls::LsArgs;
pub(super) use look::plan::PlanArgs;
pub(super) use publish::env::EnvArgs;
pub(super) use publish::render::RenderArgs;
pub(super) use publish::sync::SyncArgs;
pub(super) use removal::prune::PruneArgs;
pub(super) use selection::docker_host::DockerHost;
