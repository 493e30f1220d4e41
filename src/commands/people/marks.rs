//! How listings mark who has a key without being attested.

use crate::commands::Context;
use crate::keyring::{Attestations, Collaborator};

/// The keys of somebody, in a line.
pub(super) fn marked_keys(user: &Collaborator, attestations: &Attestations) -> String {
    let keys = user.keys.iter().map(|key| {
        let mark = if attestations.lack(key, &user.holder) {
            " (not attested)"
        } else {
            ""
        };
        format!("{key}{mark}")
    });
    keys.collect::<Vec<_>>().join(", ")
}

/// The keys that somebody has without being attested.
pub(super) fn not_attested(user: &Collaborator, attestations: &Attestations) -> Vec<String> {
    let keys = user.keys.iter();
    let lacking = keys.filter(|key| attestations.lack(key, &user.holder));
    lacking.map(ToString::to_string).collect()
}

/// Says for which keys nobody could be marked.
pub(super) fn warn_of_unread(context: &Context, attestations: &Attestations) {
    for (name, trouble) in &attestations.unread {
        context.terminal.warning(format_args!(
            "of the key `{name}` nobody is marked as not attested: {trouble}"
        ));
    }
}
