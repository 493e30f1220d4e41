//! The warning about secrets of one line that end with a newline.

use crate::commands::Context;
use crate::stack::{SETTINGS_FILE, Stack};
use crate::swarm::Plan;

/// Names the secrets that are to be created and end with a newline, in one line.
pub(crate) fn warn_of_newlines(context: &Context, stack: &Stack<'_>, plan: &Plan) {
    let with_newline = plan
        .create
        .iter()
        .filter(|object| stack.has_newline(object));
    let names: Vec<&str> = with_newline.map(|object| object.entry.as_str()).collect();
    if names.is_empty() {
        return;
    }
    context.terminal.warning(format_args!(
        "stack {}: secrets of one line that end with a newline, which many programs take for a part of a password: {}",
        plan.stack,
        names.join(", ")
    ));
    context.terminal.hint(format_args!(
        "`strip-newline = true` in {SETTINGS_FILE} publishes them without it"
    ));
}
