//! `sync`: brings a stack's files to the Swarm.

use clap::Args;

use super::creation;
use crate::commands::stacks::removal::stale::{Keeping, explain};
use crate::commands::stacks::removal::stale_removal;
use crate::commands::stacks::reporting::progress_reporter::ProgressReporter;
use crate::commands::stacks::selection::docker_host::DockerHost;
use crate::commands::stacks::selection::stack_selection::StackSelection;
use crate::commands::stacks::selection::stack_source::AcceptOptions;
use crate::commands::{Context, Interrupt, Outcome};
use crate::failure::Failure;
use crate::swarm::{Engine as _, create_all, orders, plans, report_stack_notices};

/// Bring a stack's files to the Swarm as secrets and configs
///
/// Creates what is missing and changes nothing else. Safe to repeat, to interrupt and to run twice at once.
#[derive(Args)]
pub(crate) struct SyncArgs {
    #[command(flatten)]
    selection: StackSelection,
    /// Remove stale versions afterwards, as `prune` does, without asking
    #[arg(long)]
    prune: bool,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    accept: AcceptOptions,
    #[command(flatten)]
    host: DockerHost,
}

impl SyncArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let selected = self.selection.load(&repository, self.accept.accepted())?;
        self.selection
            .report_overlooked(context, &repository, &selected.settings)?;
        // Obstacles to pruning must be found before anything is created.
        let neighbours = if self.prune {
            self.selection.neighbours(&repository, &selected)?
        } else {
            Vec::new()
        };
        let history = self.selection.history(&repository)?;
        let engine = self.host.connect(context)?;
        let inventory = engine.inventory_of_objects()?;
        let (desired, index) = (selected.desired(), inventory.index());
        let orders = orders(&selected.stacks, &plans(&selected.stacks, &index))?;
        let mut idle = orders.is_empty();
        let interrupt = Interrupt::announced(context)?;
        let reporter = ProgressReporter::new(context, Some(&interrupt));
        let settings = &selected.settings;
        report_stack_notices(&repository, settings, &history, &desired, &index, &reporter);
        if self.dry_run {
            creation::preview(context, &orders)?;
        } else {
            create_all(&engine, orders, &reporter)?;
        }
        if self.prune {
            let pruning = Keeping::default().pruning(&selected, &neighbours, &history);
            let chosen = if self.dry_run {
                let chosen = pruning.choose(&engine.inventory()?);
                stale_removal::preview(context, &chosen.stale)?;
                chosen
            } else {
                pruning.run(&engine, &reporter)?
            };
            idle &= chosen.stale.is_empty();
            explain(context, &chosen, &pruning.policy);
        }
        reporter.end()?;
        if idle {
            context.terminal.line("nothing to do")?;
        }
        Ok(Outcome::Done)
    }
}
