//! The warning about configs that are made from files which Git has encrypted.

use crate::commands::Context;
use crate::stack::StackObject;

/// Names the config and its file.
pub(crate) fn warn_of_encrypted_config(context: &Context, config: &StackObject) {
    let (name, file) = (&config.entry, &config.origin.path);
    context.terminal.warning(format_args!(
        "config {name} is made from {file}, which is encrypted in Git: everybody who may read configs in the Swarm can read it; make it a secret if it is one"
    ));
}
