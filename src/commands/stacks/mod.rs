//! The commands for stacks: they compare what the repository wants with a Swarm, and change the Swarm.

mod deployment;
mod look;
mod publish;
mod removal;
mod reporting;
mod selection;

pub(super) use deployment::deploy::DeployArgs;
pub(super) use deployment::rollback::RollbackArgs;
pub(super) use look::ls::LsArgs;
pub(super) use look::plan::PlanArgs;
pub(super) use publish::env::EnvArgs;
pub(super) use publish::render::RenderArgs;
pub(super) use publish::sync::SyncArgs;
pub(super) use removal::prune::PruneArgs;
pub(super) use reporting::several::several;
pub(super) use selection::docker_host::DockerHost;
pub(super) use selection::stack_source::StackSource;
