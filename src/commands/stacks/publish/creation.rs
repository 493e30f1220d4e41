//! Lines about objects that are created.

use crate::commands::Context;
use crate::failure::Failure;
use crate::stack::StackObject;
use crate::swarm::Order;

/// Shows what would be created.
pub(crate) fn preview(context: &Context, orders: &[Order]) -> Result<(), Failure> {
    let mut orders = orders.iter();
    orders.try_for_each(|order| {
        let line = format_args!("would create {}", describe(&order.object));
        context.terminal.line(line)
    })
}

/// Describes an object to be created, for a line about it.
pub(crate) fn describe(object: &StackObject) -> String {
    let (kind, name, path) = (object.kind, &object.name, &object.origin.path);
    format!("{kind} {name} ({path})")
}
