//! `prune`: stale versions out of the Swarm.

use clap::Args;
use jiff::SignedDuration;

use super::age::parse_age;
use super::docker_host::DockerHost;
use super::interrupt::Interrupt;
use super::prune_networks::Pruning;
use super::stack_selection::StackSelection;
use super::stale::{Chosen, Keeping, MIN_AGE, describe};
use super::{Context, Outcome, prune_networks};
use crate::failure::Failure;
use crate::swarm::{Engine, Inventory, Removed, SwarmObject, remove};

/// Remove versions that nobody needs any more
///
/// Never removes what any stack of the repository wants, nor what a service uses, nor what it would go back to in a
/// rollback.
///
/// Where old content comes back (a revert), `sync` finds the old object and creates nothing. A prune elsewhere, from a
/// checkout that does not have the revert yet, can remove that object before a service uses it; the next `sync` creates
/// it again.
#[derive(Args)]
pub(super) struct PruneArgs {
    #[command(flatten)]
    selection: StackSelection,
    /// Keep the newest NUMBER versions of each entry besides the wanted one [default: 1, or as settled]
    #[arg(long, value_name = "NUMBER")]
    keep: Option<usize>,
    /// Keep what is younger, such as 90s, 15m, 1h, 2d or 0 [default: 15m]
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    min_age: Option<SignedDuration>,
    /// Remove versions made from commits that the revision in hand does not contain, too (after a rebase)
    #[arg(long)]
    any_commit: bool,
    /// Remove networks instead: those that this program has made and that nobody is on; needs no repository
    #[arg(long, conflicts_with_all = ["stacks", "files", "rev", "keep", "any_commit"])]
    networks: bool,
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
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        if self.networks {
            let pruning = Pruning {
                min_age: self.min_age.unwrap_or(MIN_AGE),
                dry_run: self.dry_run,
                yes: self.yes,
            };
            prune_networks::prune(context, &self.host.connect(context)?, &pruning)?;
            return Ok(Outcome::Done);
        }
        let repository = context.repository()?;
        // Nothing is published here, so plaintext in Git is nothing to stop at.
        let selected = self.selection.load(&repository, true)?;
        let neighbours = self.selection.neighbours(&repository, &selected)?;
        let history = self.selection.history(&repository)?;
        let keeping = Keeping {
            keep: self.keep,
            min_age: self.min_age,
            any_commit: self.any_commit,
        };
        let policy = keeping.policy(selected.settings.keep, &history);
        let engine = self.host.connect(context)?;
        let choose = || -> Result<Chosen, Failure> {
            let inventory = Inventory::take(&engine)?;
            let stacks = selected.desired();
            Ok(Chosen::of(&stacks, &neighbours, &inventory, &policy))
        };
        let mut chosen = choose()?;
        if chosen.stale.is_empty() {
            context.terminal.line("nothing to do")?;
        } else if self.dry_run {
            for object in &chosen.stale {
                let line = format_args!("would remove {}", describe(object));
                context.terminal.line(line)?;
            }
        } else if self.yes || confirm(context, &chosen.stale)? {
            if !self.yes {
                // The answer may have taken a while. What is removed was shown, and is stale still.
                let still = choose()?.stale;
                chosen.stale.retain(|object| still.contains(object));
            }
            remove_stale(context, &engine, &chosen.stale)?;
        } else {
            context.terminal.say("nothing removed");
        }
        chosen.explain(context);
        Ok(Outcome::Done)
    }
}

/// Shows what is to be removed and asks; an error where nobody can answer.
fn confirm(context: &Context, stale: &[SwarmObject]) -> Result<bool, Failure> {
    let objects = match stale.len() {
        1 => "1 object".to_owned(),
        count => format!("{count} objects"),
    };
    if context.terminal.is_interactive() {
        for object in stale {
            context
                .terminal
                .say(format_args!("stale: {}", describe(object)));
        }
    }
    let answer = context.terminal.confirm(&format!("remove {objects}?"));
    answer.ok_or_else(|| {
        Failure::usage(format_args!(
            "{objects} to remove, and nobody can be asked here"
        ))
        .hint("`--yes` removes without asking, `--dry-run` shows what would be removed")
    })
}

/// Removes objects and says so, a line each.
pub(super) fn remove_stale(
    context: &Context,
    engine: &impl Engine,
    stale: &[SwarmObject],
) -> Result<(), Failure> {
    let interrupt = Interrupt::announced(context)?;
    // What can't be printed does not stop what is under way.
    let mut printed = Ok(());
    let removed = remove(
        engine,
        stale,
        &|| interrupt.is_noted(),
        &mut |object, how| {
            let (kind, name) = (object.kind, &object.name);
            let line = match how {
                Removed::Now => format!("removed {kind} {name}"),
                Removed::Elsewhere => format!("{kind} {name} is gone by now"),
                Removed::InUse => format!("left {kind} {name}, in use by now"),
            };
            let result = context.terminal.line(line);
            if printed.is_ok() {
                printed = result;
            }
        },
    );
    removed?;
    printed
}
