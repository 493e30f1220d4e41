//! Removes chosen objects or networks, after showing them and asking.

use jiff::Timestamp;

use super::stale;
use crate::commands::Context;
use crate::commands::Interrupt;
use crate::commands::stacks::reporting::age::age_of;
use crate::commands::stacks::reporting::progress_reporter::removal_line;
use crate::commands::stacks::reporting::tally::Tally;
use crate::failure::Failure;
use crate::swarm::{DockerEngine, Removable, SwarmNetwork, SwarmObject, remove};

/// The options of a removal, as typed.
pub(crate) struct StaleRemoval {
    pub(crate) dry_run: bool,
    pub(crate) yes: bool,
}

/// A kind of item that can be removed.
pub(crate) trait RemovalItem: Removable<DockerEngine> + PartialEq + Sized {
    /// The nouns for one item and for several.
    const NOUNS: [&str; 2];
    /// The word for why an item is removed.
    const STANDING: &str;
    /// The words for an item that is kept because it is now in use.
    const USED: &str;

    /// The description of an item, for a line about it.
    fn described(&self) -> String;
}

impl StaleRemoval {
    /// Removes the `chosen` items, or only shows them. Asks first, unless told not to. `choose` chooses again after the answer.
    pub(crate) fn of<T: RemovalItem>(
        &self,
        context: &Context,
        engine: &DockerEngine,
        mut chosen: Vec<T>,
        choose: &dyn Fn() -> Result<Vec<T>, Failure>,
    ) -> Result<(), Failure> {
        if chosen.is_empty() {
            return context.terminal.line("nothing to do");
        }
        if self.dry_run {
            return preview(context, &chosen);
        }
        if !self.yes {
            if !confirm(context, &chosen)? {
                context.terminal.info("nothing removed");
                return Ok(());
            }
            // Time may have passed until the answer. Only items that were shown and are still chosen are removed.
            let still = choose()?;
            chosen.retain(|one| still.contains(one));
        }
        carry_out(context, engine, &chosen, &Interrupt::announced(context)?)
    }
}

/// Shows what would be removed.
pub(crate) fn preview<T: RemovalItem>(context: &Context, chosen: &[T]) -> Result<(), Failure> {
    let mut chosen = chosen.iter();
    chosen.try_for_each(|one| {
        let line = format_args!("would remove {}", one.described());
        context.terminal.line(line)
    })
}

/// Removes the `chosen` items, and prints a line for each.
fn carry_out<T: RemovalItem>(
    context: &Context,
    engine: &DockerEngine,
    chosen: &[T],
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    if chosen.is_empty() {
        return Ok(());
    }
    let mut tally = Tally::new(context, "removing", chosen.len());
    let mut printed = Ok(());
    let interrupted = || interrupt.is_noted();
    remove(engine, chosen, &interrupted, &mut |one, removed| {
        let line = removal_line(&one.named(), &removed, T::USED);
        // If a line can't be printed, the removal still goes on.
        let this = context.terminal.line(line);
        printed = std::mem::replace(&mut printed, Ok(())).and(this);
        tally.one_more();
    })?;
    printed
}

/// Shows what is to be removed, and asks. Fails if there is no terminal.
fn confirm<T: RemovalItem>(context: &Context, chosen: &[T]) -> Result<bool, Failure> {
    let [one, several] = T::NOUNS;
    let counted = match chosen.len() {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    };
    if context.terminal.is_interactive() {
        for one in chosen {
            let line = format_args!("{}: {}", T::STANDING, one.described());
            context.terminal.info(line);
        }
    }
    let answer = context.terminal.confirm(&format!("remove {counted}?"));
    answer.ok_or_else(|| {
        Failure::usage(format_args!(
            "{counted} to remove, and nobody can be asked here"
        ))
        .hint("`--yes` removes without asking, `--dry-run` shows what would be removed")
    })
}

impl RemovalItem for SwarmObject {
    const NOUNS: [&str; 2] = ["object", "objects"];
    const STANDING: &str = "stale";
    const USED: &str = "in use by now";

    fn described(&self) -> String {
        stale::describe(self)
    }
}

impl RemovalItem for SwarmNetwork {
    const NOUNS: [&str; 2] = ["network", "networks"];
    const STANDING: &str = "unused";
    const USED: &str = "in use by a container";

    fn described(&self) -> String {
        let age = age_of(self.created_at, Timestamp::now());
        format!("network {} ({age} old)", self.name)
    }
}
