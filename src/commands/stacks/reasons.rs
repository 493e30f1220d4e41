//! Why services will be updated: which file, from which blob to which, by which commits.

use super::stale::short;
use crate::commands::Context;
use crate::repository::{CommitLine, History};
use crate::swarm::{Inventory, Plan, ServiceChange};

/// How many commits are named; the rest is counted.
const NAMED_COMMITS: usize = 5;

/// Says which services a deployment will update.
pub(crate) fn say_reasons(
    context: &Context,
    plan: &Plan,
    inventory: &Inventory,
    history: &History<'_>,
) {
    for change in &plan.changes {
        let objects = plan.create.iter().chain(&plan.present);
        let mut objects = objects.filter(|object| object.kind == change.kind);
        let after = objects
            .find(|object| Some(object.name.as_str()) == change.after.as_deref())
            .map(|object| object.origin.blob.as_str());
        let before: Vec<&str> = blobs_before(change, inventory)
            .map(|blob| short(blob, 12))
            .collect();
        let from = match before.is_empty() {
            true => "nothing".to_owned(),
            false => before.join(", "),
        };
        let to = after.map_or("nothing", |blob| short(blob, 12));
        let (service, kind, entry) = (&change.service, change.kind, &change.entry);
        let path = change.path.as_deref().unwrap_or("no longer mounted");
        context.terminal.say(format_args!(
            "service {service} will be updated: {kind} {entry} ({path}) {from} -> {to}"
        ));
        for line in commit_lines(&commits(change, inventory, history)) {
            context.terminal.say(format_args!("  {line}"));
        }
    }
}

/// The commits between what a service uses and what it is to use.
pub(crate) fn commits(
    change: &ServiceChange,
    inventory: &Inventory,
    history: &History<'_>,
) -> Vec<CommitLine> {
    let Some(path) = &change.path else {
        return Vec::new();
    };
    let before = blobs_before(change, inventory).next();
    before.map_or_else(Vec::new, |blob| history.changes_since(path, blob))
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

/// The blobs that the objects were made from which a service uses now.
fn blobs_before<'a>(
    change: &'a ServiceChange,
    inventory: &'a Inventory,
) -> impl Iterator<Item = &'a str> {
    let names = change.before.iter();
    names.filter_map(|name| inventory.find(change.kind, name)?.labels.blob())
}
