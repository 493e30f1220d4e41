//! Why services will be updated: which file, from which blobs to which, by which commits.

use std::collections::HashMap;

use super::change::ServiceChange;
use super::plan::Plan;
use crate::repository::{CommitLine, History};
use crate::swarm::observed::index::InventoryIndex;

/// A service's change, and what in the repository made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateReason {
    /// The change of the service.
    pub change: ServiceChange,
    /// The blobs that the versions were made from which the service uses now.
    pub blobs_before: Vec<String>,
    /// The blob of the version that it is to use.
    pub blob_after: Option<String>,
    /// The commits in between, the newest first; none where the history does not tell.
    pub commits: Vec<CommitLine>,
}

/// The reasons for all changes of a plan.
pub(crate) fn reasons<'plan>(
    plan: &'plan Plan,
    index: &InventoryIndex<'plan>,
    history: &History<'_>,
) -> Vec<UpdateReason> {
    let mut known_commits: HashMap<(&str, &str), Vec<CommitLine>> = HashMap::new();
    let reason = |change: &'plan ServiceChange| {
        let before = change.before.iter();
        let blobs_before: Vec<String> = before
            .filter_map(|name| index.find(change.kind, name)?.labels.blob())
            .map(str::to_owned)
            .collect();
        let objects = change.before.iter();
        let first = objects
            .filter_map(|name| index.find(change.kind, name)?.labels.blob())
            .next();
        // Many services may use one file.
        let commits = first.zip(change.path.as_deref()).map(|(blob, path)| {
            let commits = known_commits.entry((path, blob));
            let commits = commits.or_insert_with(|| history.changes_since(path, blob));
            commits.clone()
        });
        UpdateReason {
            blob_after: change.blob.clone(),
            commits: commits.unwrap_or_default(),
            change: change.clone(),
            blobs_before,
        }
    };
    plan.changes.iter().map(reason).collect()
}
