//! `deploy`: brings stacks to the Swarm, and waits until their services have converged.

use clap::Args;

use super::options::{DeploymentOptions, Direction};
use crate::commands::stacks::look::plan::PlanArgs;
use crate::commands::stacks::removal::stale::Keeping;
use crate::commands::stacks::selection::stack_selection::StackSelection;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;

/// Bring stacks to the Swarm and wait until their services run
///
/// First it does what `sync` does. Then it makes missing external networks (overlay, attachable) and hands the rendered
/// stack file to `docker stack deploy`. Once every service has converged, it removes stale versions as `prune` does. If
/// anything fails, nothing is removed.
///
/// An encrypted `env_file` is decrypted in memory only. Deployments of one stack take turns, wherever they run. As with docker, each
/// deployment runs the stack's jobs (`mode: replicated-job`) again.
#[derive(Args)]
pub(crate) struct DeployArgs {
    #[command(flatten)]
    selection: StackSelection,
    /// Leave stale versions where they are
    #[arg(long)]
    no_prune: bool,
    /// Only show what would be done, as `plan` does, with its exit codes
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    options: DeploymentOptions,
}

impl DeployArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        if self.dry_run {
            let DeploymentOptions {
                accept,
                host,
                docker_arguments,
                ..
            } = self.options;
            let plan = PlanArgs::of_deployment(self.selection, accept, host, docker_arguments);
            return plan.run(context);
        }
        let repository = context.repository()?;
        let (run, accepted) = (
            self.options.client(context)?,
            self.options.accept.accepted(),
        );
        let selection = &self.selection;
        let selected = selection.load_for_deployment(&repository, accepted, &run)?;
        let selected = selected.unless_empty()?;
        self.selection
            .report_overlooked(context, &repository, &selected.settings)?;
        let history = self.selection.history(&repository)?;
        // A stack that can't be read must stop the deployment now, before anything is changed.
        let neighbours = if self.no_prune {
            Vec::new()
        } else {
            self.selection.neighbours(&repository, &selected)?
        };
        let pruning =
            (!self.no_prune).then(|| Keeping::default().pruning(&selected, &neighbours, &history));
        let options = &self.options;
        let direction = Direction::Forward;
        options.deploy(
            context,
            direction,
            &repository,
            &selected,
            &history,
            pruning,
        )
    }
}
