//! Marks what no holder of a key has attested.

use std::collections::BTreeMap;

use crate::commands::Context;
use crate::keyring::{Attestations, Collaborator, Holder};
use crate::repository::quoted;
use crate::terminal::Terminal;

/// The keys of a collaborator, in one line.
pub(super) fn marked_keys(user: &Collaborator, attestations: &Attestations) -> String {
    let keys = user.keys.iter().map(|key| {
        let mark = if attestations.is_unattested(key, &user.holder) {
            " (not attested)"
        } else {
            ""
        };
        format!("{key}{mark}")
    });
    keys.collect::<Vec<_>>().join(", ")
}

/// The keys that a collaborator has without being attested.
pub(super) fn not_attested(user: &Collaborator, attestations: &Attestations) -> Vec<String> {
    let keys = user.keys.iter();
    let lacking = keys.filter(|key| attestations.is_unattested(key, &user.holder));
    lacking.map(ToString::to_string).collect()
}

/// Warns of keys for which it is unknown who is attested.
pub(super) fn warn_of_unread(context: &Context, attestations: &Attestations) {
    for (name, trouble) in &attestations.unread {
        context.terminal.warning(format_args!(
            "of the key `{name}` nobody is marked as not attested: {trouble}"
        ));
    }
}

/// Warns that older removals may be missing in a shallow clone.
pub(super) fn warn_of_shallow_clone(terminal: &Terminal) {
    terminal.warning("this is a shallow clone: who was removed in a commit that is not here may be shown as a holder (`git fetch --unshallow` brings it)");
}

/// Says which names, found next to wrapped keys, were dropped.
pub(super) fn warn_of_names(context: &Context, left_out: &BTreeMap<Holder, String>) {
    for (holder, name) in left_out {
        context.terminal.warning(format_args!(
            "the name {} that the repository had for {} is gone: no holder of the key has given it, `add-age-user --name` gives one",
            quoted(name),
            holder.id()
        ));
    }
}
