//! The warning about objects that have a wanted name, but whose content can't be verified.

use crate::commands::Context;
use crate::swarm::SwarmObject;

/// Warns, with the names of the objects.
pub(crate) fn warn_of_unverified(context: &Context, objects: &[&SwarmObject]) {
    let name = |object: &&SwarmObject| format!("{} {}", object.kind, object.name);
    let names: Vec<String> = objects.iter().map(name).collect();
    if names.is_empty() {
        return;
    }
    context.terminal.warning(format_args!(
        "present, but with content that can't be verified (`docker stack deploy` made it or its labels): {}",
        names.join(", ")
    ));
}
