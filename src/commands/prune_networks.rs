//! `prune --networks`: networks that this program has made and that nobody uses any more.

use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::age::age_of;
use super::interrupt::Interrupt;
use crate::failure::Failure;
use crate::swarm::{NetworkInventory, Networks, Removed, SwarmNetwork, remove_networks};

/// How to go about it, as typed.
pub(super) struct Pruning {
    pub(super) min_age: SignedDuration,
    pub(super) dry_run: bool,
    pub(super) yes: bool,
}

/// Shows the unused networks, or asks, and removes them.
pub(super) fn prune(
    context: &Context,
    engine: &impl Networks,
    pruning: &Pruning,
) -> Result<(), Failure> {
    let choose = || -> Result<Vec<SwarmNetwork>, Failure> {
        let inventory = NetworkInventory::take(engine)?;
        Ok(inventory.unused(pruning.min_age, Timestamp::now()))
    };
    let mut unused = choose()?;
    if unused.is_empty() {
        context.terminal.line("nothing to do")?;
    } else if pruning.dry_run {
        for network in &unused {
            let line = format_args!("would remove {}", describe(network));
            context.terminal.line(line)?;
        }
    } else if pruning.yes || confirm(context, &unused)? {
        if !pruning.yes {
            // The answer may have taken a while. What is removed was shown, and is unused still.
            let still = choose()?;
            unused.retain(|network| still.contains(network));
        }
        remove(context, engine, &unused)?;
    } else {
        context.terminal.say("nothing removed");
    }
    Ok(())
}

/// Shows what is to be removed and asks; an error where nobody can answer.
fn confirm(context: &Context, unused: &[SwarmNetwork]) -> Result<bool, Failure> {
    let networks = match unused.len() {
        1 => "1 network".to_owned(),
        count => format!("{count} networks"),
    };
    if context.terminal.is_interactive() {
        for network in unused {
            context
                .terminal
                .say(format_args!("unused: {}", describe(network)));
        }
    }
    let answer = context.terminal.confirm(&format!("remove {networks}?"));
    answer.ok_or_else(|| {
        Failure::usage(format_args!(
            "{networks} to remove, and nobody can be asked here"
        ))
        .hint("`--yes` removes without asking, `--dry-run` shows what would be removed")
    })
}

fn remove(
    context: &Context,
    engine: &impl Networks,
    unused: &[SwarmNetwork],
) -> Result<(), Failure> {
    let interrupt = Interrupt::announced(context)?;
    // What can't be printed does not stop what is under way.
    let mut printed = Ok(());
    let interrupted = || interrupt.is_noted();
    let removed = remove_networks(engine, unused, &interrupted, &mut |network, how| {
        let name = &network.name;
        let result = context.terminal.line(match how {
            Removed::Now => format!("removed network {name}"),
            Removed::Elsewhere => format!("network {name} is gone by now"),
            Removed::InUse => format!("left network {name}, in use by a container"),
        });
        if printed.is_ok() {
            printed = result;
        }
    });
    removed?;
    printed
}

fn describe(network: &SwarmNetwork) -> String {
    let age = age_of(network.created_at, Timestamp::now());
    format!("network {} ({age} old)", network.name)
}
