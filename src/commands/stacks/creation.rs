//! Creating what stacks lack: found, shown, done.

use super::stack_selection::SelectedStacks;
use super::tally::Tally;
use crate::commands::Context;
use crate::commands::Interrupt;
use crate::failure::Failure;
use crate::stack::{Stack, StackObject};
use crate::swarm::{Created, Engine, Inventory, Order, Plan, SwarmError, create, plan};

/// What all the stacks lack, content at hand: everything that can be wrong is found before anything is created.
pub(crate) fn orders(
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

/// Shows what would be created.
pub(crate) fn preview(context: &Context, orders: &[Order]) -> Result<(), Failure> {
    let mut orders = orders.iter();
    orders.try_for_each(|order| {
        let line = format_args!("would create {}", describe(&order.object));
        context.terminal.line(line)
    })
}

/// Creates objects and says so, a line each.
pub(crate) fn carry_out(
    context: &Context,
    engine: &impl Engine,
    orders: Vec<Order>,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    if orders.is_empty() {
        return Ok(());
    }
    let mut tally = Tally::new(context, "creating", orders.len());
    let interrupted = || interrupt.is_noted();
    create(engine, orders, &interrupted, &mut |kind, name, how| {
        tally.tell(match how {
            Created::Now => format!("created {kind} {name}"),
            Created::Elsewhere => format!("{kind} {name} is there by now"),
        });
    })?;
    tally.end()
}

/// An object to be created, for a line about it.
pub(crate) fn describe(object: &StackObject) -> String {
    let (kind, name, path) = (object.kind, &object.name, &object.origin.path);
    format!("{kind} {name} ({path})")
}
