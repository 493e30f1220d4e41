//! The warning about secrets with a single value that end with a newline.

use super::several::several;
use crate::commands::Context;
use crate::stack::{SETTINGS_FILE, Stack};
use crate::swarm::Plan;

/// Warns once for all stacks, with the names of the secrets.
pub(crate) fn warn_of_newlines(context: &Context, stacks: &[Stack<'_>], plans: &[Plan]) {
    let mut names = Vec::new();
    for (stack, plan) in stacks.iter().zip(plans) {
        let objects = plan.create.iter();
        let with_newline = objects.filter(|object| stack.has_newline(object));
        names.extend(with_newline.map(|object| format!("{} ({})", object.entry, plan.stack)));
    }
    if names.is_empty() {
        return;
    }
    context.terminal.warning(format_args!(
        "secrets of one value that end with a newline, which many programs take for a part of a password: {}",
        several(&names)
    ));
    context.terminal.hint(format_args!(
        "`strip-newline = true` in {SETTINGS_FILE} publishes such secrets without it; `false` says that it is meant"
    ));
}
