//! Lines about why services will be updated.

use std::collections::HashSet;

use crate::commands::Context;
use crate::commands::stacks::reporting::short_id::short;
use crate::repository::CommitLine;
use crate::swarm::UpdateReason;

/// Maximum number of commits that are listed; the rest is counted.
const NAMED_COMMITS: usize = 5;

/// Says which services of a stack a deployment will update, and why: one line a service, then the commits.
pub(crate) fn report_reasons(context: &Context, reasons: &[UpdateReason]) {
    let shown = |blob: &String| short(blob, 12).to_owned();
    let versions = |reason: &UpdateReason| {
        let before = reason.blobs_before.iter().map(shown).collect();
        (before, reason.blob_after.as_ref().map(shown))
    };
    for (service, changes) in service_lines(reasons, &versions) {
        context
            .terminal
            .info(format_args!("service {service} will be updated: {changes}"));
    }
    for line in commit_lines(&commits_of(reasons)) {
        context.terminal.info(format_args!("  {line}"));
    }
}

/// The versions of an entry that a service uses now, and the version that it will use, as shown to the user.
pub(crate) type ShownVersions = (Vec<String>, Option<String>);

/// For each service, a line with all changes of what it uses.
pub(crate) fn service_lines<'a>(
    reasons: &'a [UpdateReason],
    versions: &dyn Fn(&UpdateReason) -> ShownVersions,
) -> Vec<(&'a str, String)> {
    let mut lines: Vec<(&str, String)> = Vec::new();
    for reason in reasons {
        let change = &reason.change;
        let (before, after) = versions(reason);
        let nothing = || "nothing".to_owned();
        let from = if before.is_empty() {
            nothing()
        } else {
            before.join(", ")
        };
        let to = after.unwrap_or_else(nothing);
        let path = change.path.as_deref().unwrap_or("no longer mounted");
        let (kind, entry) = (change.kind, &change.entry);
        let changed = format!("{kind} {entry} ({path}) {from} -> {to}");
        match lines.last_mut() {
            Some((service, changes)) if *service == change.service => {
                *changes = format!("{changes}; {changed}");
            }
            _ => lines.push((&change.service, changed)),
        }
    }
    lines
}

/// All commits behind the changes, each once.
pub(crate) fn commits_of(reasons: &[UpdateReason]) -> Vec<CommitLine> {
    let mut known = HashSet::new();
    let commits = reasons.iter().flat_map(|reason| &reason.commits);
    let commits = commits.filter(|commit| known.insert(&commit.id));
    commits.cloned().collect()
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
