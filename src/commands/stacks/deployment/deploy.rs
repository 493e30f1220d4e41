//! `deploy`: from a commit to converged services.

use clap::Args;

use super::options::DeploymentOptions;
use crate::commands::stacks::removal::stale::Keeping;
use crate::commands::stacks::selection::stack_selection::StackSelection;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;

/// Bring stacks to the Swarm and wait until their services run
///
/// As `sync`; then missing external networks are made (overlay, attachable), `docker stack deploy` gets the rendered stack
/// file, and once every service has converged, stale versions are removed as `prune` does. If anything fails, nothing is
/// removed. Encrypted `env_file`s are decrypted in memory only. Deployments of one stack take turns, wherever they run.
#[derive(Args)]
pub(crate) struct DeployArgs {
    #[command(flatten)]
    selection: StackSelection,
    /// Leave stale versions where they are
    #[arg(long)]
    no_prune: bool,
    #[command(flatten)]
    options: DeploymentOptions,
}

impl DeployArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let selected = self
            .selection
            .load(&repository, self.options.accept.accepted())?;
        self.selection
            .say_overlooked(context, &repository, &selected.settings)?;
        let history = self.selection.history(&repository)?;
        // Asked for now, so that a stack that can't be read stops the deployment before anything is done.
        let neighbours = if self.no_prune {
            Vec::new()
        } else {
            self.selection.neighbours(&repository, &selected)?
        };
        let pruning =
            (!self.no_prune).then(|| Keeping::default().pruning(&selected, &neighbours, &history));
        let options = &self.options;
        options.deploy(context, &repository, &selected, &history, pruning)
    }
}
