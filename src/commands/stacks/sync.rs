//! `sync`: a stack's files to the Swarm.

use clap::Args;

use super::docker_host::DockerHost;
use super::stack_selection::StackSelection;
use super::stack_source::PlaintextOption;
use super::stale::{Chosen, Keeping};
use super::unverified::warn_of_unverified;
use super::{creation, removal};
use crate::commands::Interrupt;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::swarm::Engine as _;

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
    plaintext: PlaintextOption,
    #[command(flatten)]
    host: DockerHost,
}

impl SyncArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let selected = self
            .selection
            .load(&repository, self.plaintext.allow_plaintext)?;
        // Before anything is created: what stands in the way of pruning is no surprise afterwards.
        let neighbours = match self.prune {
            true => self.selection.neighbours(&repository, &selected)?,
            false => Vec::new(),
        };
        let engine = self.host.connect(context)?;
        let inventory = engine.inventory_of_objects()?;
        let orders = creation::orders(&selected, &inventory)?;
        warn_of_unverified(context, &selected.desired(), &inventory);
        let mut idle = orders.is_empty();
        if self.dry_run {
            creation::preview(context, &orders)?;
        } else if !idle {
            creation::carry_out(context, &engine, orders, &Interrupt::announced(context)?)?;
        }
        if self.prune {
            let history = self.selection.history(&repository)?;
            let policy = Keeping::default().policy(selected.settings.keep, &history);
            let inventory = engine.inventory()?;
            let chosen = Chosen::of(&selected.desired(), &neighbours, &inventory, &policy);
            idle &= chosen.stale.is_empty();
            if self.dry_run {
                removal::preview(context, &chosen.stale)?;
            } else {
                let interrupt = Interrupt::announced(context)?;
                removal::carry_out(context, &engine, &chosen.stale, &interrupt)?;
            }
            chosen.explain(context, &policy);
        }
        if idle {
            context.terminal.line("nothing to do")?;
        }
        Ok(Outcome::Done)
    }
}
