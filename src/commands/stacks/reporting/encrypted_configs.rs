//! The warning about configs made from files that are encrypted in Git.

use crate::commands::Context;
use crate::stack::StackObject;

/// Warns, with the names of the config and its file.
pub(crate) fn warn_of_encrypted_config(context: &Context, config: &StackObject) {
    let (name, file) = (&config.entry, &config.origin.path);
    context.terminal.warning(format_args!(
        "config {name} is made from {file}, which is encrypted in Git: everybody who may read configs in the Swarm can read it; make it a secret if it is one"
    ));
}
