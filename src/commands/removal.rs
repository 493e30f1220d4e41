//! Removing what was chosen: shown, asked for, done.

use jiff::Timestamp;

use super::Context;
use super::age::age_of;
use super::interrupt::Interrupt;
use super::stale;
use super::tally::Tally;
use crate::failure::Failure;
use crate::swarm::{
    DockerEngine, Removed, SwarmError, SwarmNetwork, SwarmObject, remove, remove_networks,
};

/// How to go about it, as typed.
pub(super) struct Removal {
    pub(super) dry_run: bool,
    pub(super) yes: bool,
}

/// What can be chosen.
pub(super) trait Removable: PartialEq + Sized {
    /// What one is called, and what several are.
    const NOUNS: [&str; 2];
    /// Why it is chosen.
    const STANDING: &str;
    /// Who may have begun to use it.
    const USED: &str;

    /// What tells it from others.
    fn named(&self) -> String;

    /// The same and what there is to know about it.
    fn described(&self) -> String;

    /// Removes all of them.
    fn remove(
        engine: &DockerEngine,
        all: &[Self],
        interrupted: &dyn Fn() -> bool,
        told: &mut dyn FnMut(&Self, Removed),
    ) -> Result<(), SwarmError>;
}

impl Removal {
    /// Removes the `chosen` as was typed, after a question where there is somebody to answer; `choose` chooses again.
    pub(super) fn of<T: Removable>(
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
                context.terminal.say("nothing removed");
                return Ok(());
            }
            // The answer may have taken a while. What is removed was shown, and is to go still.
            let still = choose()?;
            chosen.retain(|one| still.contains(one));
        }
        carry_out(context, engine, &chosen, &Interrupt::announced(context)?)
    }
}

/// Shows what would be removed.
pub(super) fn preview<T: Removable>(context: &Context, chosen: &[T]) -> Result<(), Failure> {
    let mut chosen = chosen.iter();
    chosen.try_for_each(|one| {
        let line = format_args!("would remove {}", one.described());
        context.terminal.line(line)
    })
}

/// Removes them and says so, a line each.
pub(super) fn carry_out<T: Removable>(
    context: &Context,
    engine: &DockerEngine,
    chosen: &[T],
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    if chosen.is_empty() {
        return Ok(());
    }
    let mut tally = Tally::new(context, "removing", chosen.len());
    let interrupted = || interrupt.is_noted();
    T::remove(engine, chosen, &interrupted, &mut |one, how| {
        let named = one.named();
        tally.tell(match how {
            Removed::Now => format!("removed {named}"),
            Removed::Elsewhere => format!("{named} is gone by now"),
            Removed::InUse => format!("left {named}, {}", T::USED),
        });
    })?;
    tally.end()
}

/// Shows what is to be removed and asks; an error where nobody can answer.
fn confirm<T: Removable>(context: &Context, chosen: &[T]) -> Result<bool, Failure> {
    let [one, several] = T::NOUNS;
    let counted = match chosen.len() {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    };
    if context.terminal.is_interactive() {
        for one in chosen {
            let line = format_args!("{}: {}", T::STANDING, one.described());
            context.terminal.say(line);
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

impl Removable for SwarmObject {
    const NOUNS: [&str; 2] = ["object", "objects"];
    const STANDING: &str = "stale";
    const USED: &str = "in use by now";

    fn named(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    fn described(&self) -> String {
        stale::describe(self)
    }

    fn remove(
        engine: &DockerEngine,
        all: &[Self],
        interrupted: &dyn Fn() -> bool,
        told: &mut dyn FnMut(&Self, Removed),
    ) -> Result<(), SwarmError> {
        remove(engine, all, interrupted, told)
    }
}

impl Removable for SwarmNetwork {
    const NOUNS: [&str; 2] = ["network", "networks"];
    const STANDING: &str = "unused";
    const USED: &str = "in use by a container";

    fn named(&self) -> String {
        format!("network {}", self.name)
    }

    fn described(&self) -> String {
        let age = age_of(self.created_at, Timestamp::now());
        format!("{} ({age} old)", self.named())
    }

    fn remove(
        engine: &DockerEngine,
        all: &[Self],
        interrupted: &dyn Fn() -> bool,
        told: &mut dyn FnMut(&Self, Removed),
    ) -> Result<(), SwarmError> {
        remove_networks(engine, all, interrupted, told)
    }
}
