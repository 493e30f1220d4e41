//! Why services will be updated, in lines.

use crate::commands::Context;
use crate::commands::stacks::telling::short_id::short;
use crate::repository::CommitLine;
use crate::swarm::UpdateReason;

/// Maximum number of commits that are named; the rest is counted.
const NAMED_COMMITS: usize = 5;

/// Says which service a deployment will update, and why.
pub(crate) fn say_reason(context: &Context, reason: &UpdateReason) {
    let change = &reason.change;
    let before: Vec<&str> = reason
        .blobs_before
        .iter()
        .map(|blob| short(blob, 12))
        .collect();
    let from = if before.is_empty() {
        "nothing".to_owned()
    } else {
        before.join(", ")
    };
    let after = reason.blob_after.as_deref();
    let to = after.map_or("nothing", |blob| short(blob, 12));
    let (service, kind, entry) = (&change.service, change.kind, &change.entry);
    let path = change.path.as_deref().unwrap_or("no longer mounted");
    context.terminal.say(format_args!(
        "service {service} will be updated: {kind} {entry} ({path}) {from} -> {to}"
    ));
    for line in commit_lines(&reason.commits) {
        context.terminal.say(format_args!("  {line}"));
    }
}

/// Commits as lines, the newest first.
pub(crate) fn commit_lines(commits: &[CommitLine]) -> Vec<String> {
    let named = commits.iter().take(NAMED_COMMITS);
    let mut lines: Vec<String> = named
        .map(|commit| format!("commit {} {}", short(&commit.id, 7), commit.summary))
        .collect();
    if commits.len() > NAMED_COMMITS {
        lines.push(format!("and {} more", commits.len() - NAMED_COMMITS));
    }
    lines
}
