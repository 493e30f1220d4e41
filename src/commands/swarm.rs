//! The commands that need a Swarm. A build without the feature `swarm` leaves them out.

use clap::Subcommand;

use super::{Context, Outcome, serve, stacks};
use crate::failure::Failure;

#[derive(Subcommand)]
pub(super) enum SwarmVerb {
    Plan(stacks::PlanArgs),
    Sync(stacks::SyncArgs),
    Deploy(stacks::DeployArgs),
    Rollback(stacks::RollbackArgs),
    Prune(stacks::PruneArgs),
    Ls(stacks::LsArgs),
    Env(stacks::EnvArgs),
    Render(stacks::RenderArgs),
    Serve(serve::ServeArgs),
}

impl SwarmVerb {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        match self {
            Self::Plan(args) => args.run(context),
            Self::Sync(args) => args.run(context),
            Self::Deploy(args) => args.run(context),
            Self::Rollback(args) => args.run(context),
            Self::Prune(args) => args.run(context),
            Self::Ls(args) => args.run(context),
            Self::Env(args) => args.run(context),
            Self::Render(args) => args.run(context),
            Self::Serve(args) => args.run(context),
        }
    }
}
