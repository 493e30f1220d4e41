//! `prune`: removes stale versions from the Swarm.

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::leftovers::Leftovers;
use super::stale::{Keeping, explain, report_kept, younger};
use super::stale_removal::StaleRemoval;
use crate::commands::stacks::reporting::age::parse_age;
use crate::commands::stacks::selection::docker_host::DockerHost;
use crate::commands::stacks::selection::stack_selection::StackSelection;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::stack::Accepted;
use crate::swarm::{Engine as _, Networks as _, Policy};

/// Remove versions that nobody needs any more
///
/// It never removes a version that a stack of the repository wants, that a service uses, or that a rollback of a service
/// would need.
///
/// `--gone` removes what is left of stacks that were removed from this repository: objects that were made from one of its commits
/// and that nobody uses. `--foreign` removes what was made without this program. Neither removes services.
///
/// After a revert, `sync` finds the object with the old content and creates nothing. If somebody prunes from a checkout
/// without that revert before a service uses the object, it is removed; the next `sync` creates it again.
#[derive(Args)]
pub(crate) struct PruneArgs {
    #[command(flatten)]
    selection: StackSelection,
    /// Keep the newest NUMBER versions of each entry besides the wanted one [default: that of the settings, or 1]
    #[arg(long, value_name = "NUMBER")]
    keep: Option<usize>,
    /// Keep everything that is younger than this, such as 90s, 15m, 1h, 2d or 0 [default: 15m]
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    min_age: Option<SignedDuration>,
    /// Remove versions made from commits that the revision in hand does not contain, too (after a rebase)
    #[arg(long)]
    any_commit: bool,
    /// Remove networks instead: those that this program has made and that nobody is on; needs no repository
    #[arg(long, conflicts_with_all = ["stacks", "files", "rev", "keep", "any_commit"])]
    networks: bool,
    /// Remove instead what is left of stacks that this repository no longer has: of all these stacks, or of the named ones
    #[arg(long, conflicts_with_all = ["files", "keep", "networks", "foreign"])]
    gone: bool,
    /// Remove instead what other tools have left: unused secrets and configs whose name fits PATTERN, with * and ?
    #[arg(long, value_name = "PATTERN", conflicts_with_all = ["stacks", "files", "keep", "any_commit", "networks"])]
    foreign: Option<String>,
    /// Only show what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Remove without asking
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    host: DockerHost,
}

impl PruneArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let removal = StaleRemoval {
            dry_run: self.dry_run,
            yes: self.yes,
        };
        if self.networks {
            let engine = self.host.connect(context)?;
            let min_age = self.min_age.unwrap_or(Policy::MIN_AGE);
            let take = || engine.network_inventory();
            let (inventory, now) = (take()?, Timestamp::now());
            let chosen = inventory.unused(min_age, now);
            let young = inventory.unused(SignedDuration::ZERO, now).len() - chosen.len();
            let choose = || Ok(take()?.unused(min_age, Timestamp::now()));
            removal.of(context, &engine, chosen, &choose)?;
            report_kept(context, &[(young, younger(min_age))]);
            return Ok(Outcome::Done);
        }
        let repository = context.repository()?;
        if self.gone || self.foreign.is_some() {
            let keeping = Keeping {
                keep: None,
                min_age: self.min_age,
                any_commit: self.any_commit,
            };
            let leftovers = Leftovers {
                context,
                repository: &repository,
                selection: &self.selection,
                keeping,
            };
            let engine = self.host.connect(context)?;
            return leftovers.remove(&engine, &removal, self.foreign.as_deref());
        }
        // Nothing is published, so plaintext in Git is no error here.
        let selected = self.selection.load(&repository, Accepted::EVERYTHING)?;
        let neighbours = self.selection.neighbours(&repository, &selected)?;
        let history = self.selection.history(&repository)?;
        let keeping = Keeping {
            keep: self.keep,
            min_age: self.min_age,
            any_commit: self.any_commit,
        };
        let pruning = keeping.pruning(&selected, &neighbours, &history);
        let engine = self.host.connect(context)?;
        let chosen = pruning.choose(&engine.inventory()?);
        let stale = chosen.stale.clone();
        let choose = || Ok(pruning.choose(&engine.inventory()?).stale);
        removal.of(context, &engine, stale, &choose)?;
        explain(context, &chosen, &pruning.policy);
        Ok(Outcome::Done)
    }
}
