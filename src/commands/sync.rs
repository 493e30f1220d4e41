//! `sync`: a stack's files to the Swarm.

use clap::Args;

use super::docker_host::DockerHost;
use super::interrupt::Interrupt;
use super::prune::remove_stale;
use super::stack_selection::{SelectedStacks, StackSelection};
use super::stack_source::PlaintextOption;
use super::stale::{Chosen, Keeping, describe};
use super::unverified::warn_of_unverified;
use super::{Context, Outcome};
use crate::failure::Failure;
use crate::stack::Stack;
use crate::swarm::{Created, Engine, Inventory, Order, Plan, SwarmError, create, plan};

/// Bring a stack's files to the Swarm as secrets and configs
///
/// Creates what is missing and changes nothing else. Safe to repeat, to interrupt and to run twice at once.
#[derive(Args)]
pub(super) struct SyncArgs {
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
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
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
        let inventory = Inventory::of_objects(&engine)?;
        let orders = orders(&selected, &inventory)?;
        warn_of_unverified(context, &selected.desired(), &inventory);
        let mut idle = orders.is_empty();
        if self.dry_run {
            for Order { object, .. } in &orders {
                let (kind, name, path) = (object.kind, &object.name, &object.origin.path);
                let line = format_args!("would create {kind} {name} ({path})");
                context.terminal.line(line)?;
            }
        } else if !idle {
            create_all(context, &engine, orders)?;
        }
        if self.prune {
            let history = self.selection.history(&repository)?;
            let policy = Keeping::default().policy(selected.settings.keep, &history);
            let inventory = Inventory::take(&engine)?;
            let chosen = Chosen::of(&selected.desired(), &neighbours, &inventory, &policy);
            idle &= chosen.stale.is_empty();
            if self.dry_run {
                for object in &chosen.stale {
                    let line = format_args!("would remove {}", describe(object));
                    context.terminal.line(line)?;
                }
            } else {
                remove_stale(context, &engine, &chosen.stale)?;
            }
            chosen.explain(context);
        }
        if idle {
            context.terminal.line("nothing to do")?;
        }
        Ok(Outcome::Done)
    }
}

/// What all the stacks lack, content at hand: everything that can be wrong is found before anything is created.
pub(super) fn orders(
    selected: &SelectedStacks<'_>,
    inventory: &Inventory,
) -> Result<Vec<Order>, Failure> {
    let mut plans: Vec<(&Stack<'_>, Plan)> = selected
        .stacks
        .iter()
        .map(|stack| (stack, plan(stack.desired(), inventory)))
        .collect();
    let obstacles: Vec<_> = plans
        .iter_mut()
        .flat_map(|(_, plan)| plan.obstacles.drain(..))
        .collect();
    if !obstacles.is_empty() {
        return Err(SwarmError::Blocked { obstacles }.into());
    }
    let mut orders = Vec::new();
    for (stack, plan) in plans {
        for object in plan.create {
            orders.push(Order {
                stack: plan.stack.clone(),
                content: stack.content(&object)?,
                object,
            });
        }
    }
    Ok(orders)
}

/// Creates objects and says so, a line each.
pub(super) fn create_all(
    context: &Context,
    engine: &impl Engine,
    orders: Vec<Order>,
) -> Result<(), Failure> {
    let interrupt = Interrupt::announced(context)?;
    // What can't be printed does not stop what is under way.
    let mut printed = Ok(());
    let created = create(
        engine,
        orders,
        &|| interrupt.is_noted(),
        &mut |kind, name, how| {
            let line = match how {
                Created::Now => format!("created {kind} {name}"),
                Created::Elsewhere => format!("{kind} {name} is there by now"),
            };
            let result = context.terminal.line(line);
            if printed.is_ok() {
                printed = result;
            }
        },
    );
    created?;
    printed
}
