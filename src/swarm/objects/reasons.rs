//! Why services will be updated: the file, its blobs before and after, and the commits in between.

use std::collections::HashMap;

use super::change::ServiceChange;
use super::plan::Plan;
use crate::repository::{CommitLine, History};
use crate::swarm::observed::index::InventoryIndex;

/// A change of a service, with the commits in the repository that caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateReason {
    /// The change of the service.
    pub change: ServiceChange,
    /// The blobs of the versions that the service uses now.
    pub blobs_before: Vec<String>,
    /// The blob of the version that the service will use.
    pub blob_after: Option<String>,
    /// The commits in between, the newest first. Empty if the history does not show them.
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
        // The commits of a file are looked up once, even if several services use it.
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
