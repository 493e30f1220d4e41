//! The history of a commit: itself, its parents, and theirs.

use serde::Serialize;

use crate::repository::objects::blobs::Objects;
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;

/// Maximum number of commits that are searched for an earlier version of a file.
const MOST_COMMITS: usize = 20_000;

/// A commit with all its ancestors. It is empty if there is no commit yet.
pub struct History<'repository> {
    pub(in crate::repository) objects: Objects<'repository>,
    pub(in crate::repository) tip: Option<CommitId>,
}

/// A commit, as people recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommitLine {
    pub id: String,
    /// The first line of its message.
    pub summary: String,
}

impl History<'_> {
    /// True if the history contains the commit with this id. A commit that this repository does not have belongs to no
    /// history: it may be missing in a shallow clone, or have been dropped by a rebase.
    pub fn contains(&self, commit: &str) -> bool {
        let (Some(tip), Some(commit)) = (self.tip, ObjectId::parse(commit)) else {
            return false;
        };
        let commit = CommitId(commit);
        tip == commit || self.objects.is_before(commit, tip).unwrap_or(false)
    }

    /// The commits that changed the file at `path` since its blob was `before` (an id or the beginning of one), newest
    /// first, as `git log -- path` lists them. Empty if it never was that blob.
    pub fn changes_since(&self, path: &str, before: &str) -> Vec<CommitLine> {
        let mut changes = Vec::new();
        match self.walk(path, Some(before), &mut changes) {
            Ok(true) => changes,
            // A shallow clone may end before the blob is found. The list is for information only, so this is not an error.
            Ok(false) | Err(_) => Vec::new(),
        }
    }

    /// All commits that changed the file at `path`, the newest first.
    pub fn changes_of(&self, path: &str) -> Vec<CommitLine> {
        let mut changes = Vec::new();
        // The list is for information only, so an error is ignored.
        let _ = self.walk(path, None, &mut changes);
        changes
    }

    /// Collects changes until a commit has the blob `before` at `path`; true if one was found.
    fn walk(
        &self,
        path: &str,
        before: Option<&str>,
        changes: &mut Vec<CommitLine>,
    ) -> Result<bool, git2::Error> {
        let Some(tip) = self.tip else {
            return Ok(false);
        };
        let git = self.objects.git;
        let mut commits = git.revwalk()?;
        commits.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::TIME)?;
        commits.push(tip.0.into())?;
        let blob = |commit: &git2::Commit<'_>| -> Option<ObjectId> {
            Some(
                commit
                    .tree()
                    .ok()?
                    .get_path(path.as_ref())
                    .ok()?
                    .id()
                    .into(),
            )
        };
        for id in commits.take(MOST_COMMITS) {
            let commit = git.find_commit(id?)?;
            let here = blob(&commit);
            let is_before =
                |here: ObjectId| before.is_some_and(|before| here.to_string().starts_with(before));
            if here.is_some_and(is_before) {
                return Ok(true);
            }
            let is_first = commit.parent_count() == 0;
            let same = commit.parents().any(|parent| blob(&parent) == here)
                || (is_first && here.is_none());
            if !same {
                changes.push(CommitLine {
                    id: commit.id().to_string(),
                    summary: String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default())
                        .into_owned(),
                });
            }
        }
        Ok(false)
    }

    /// The tip and its ancestors, following first parents only.
    pub fn first_parents(&self) -> impl Iterator<Item = CommitId> {
        let git = self.objects.git;
        let parent = |commit: &CommitId| {
            let commit = git.find_commit(commit.0.into()).ok()?;
            Some(CommitId(commit.parent_id(0).ok()?.into()))
        };
        std::iter::successors(self.tip, parent)
    }

    /// True if the tip is this commit.
    pub fn ends_with(&self, commit: &str) -> bool {
        self.tip.is_some_and(|tip| tip.to_string() == commit)
    }
}

#[cfg(test)]
mod tests {
    use super::super::invented_history::InventedHistory;

    #[test]
    fn a_history_has_its_tip_and_what_came_before() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[]);
        let second = invented.commit(&[first], &[]);
        let third = invented.commit(&[second], &[]);
        let repository = invented.repository();
        let tip = repository.commit(&second.to_string()).expect("it exists");
        let history = repository.history(Some(tip));
        assert!(history.contains(&first.to_string()));
        assert!(history.contains(&second.to_string()));
        assert!(!history.contains(&third.to_string()));
        assert!(!history.contains(&"0123456789".repeat(4)));
        assert!(!history.contains("no commit"));
        assert!(history.ends_with(&second.to_string()));
        assert!(!history.ends_with(&first.to_string()));
        assert!(!repository.history(None).contains(&first.to_string()));
    }

    #[test]
    fn the_way_back_takes_first_parents_only() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[]);
        let ours = invented.commit(&[first], &[("ours", "1")]);
        let theirs = invented.commit(&[first], &[("theirs", "1")]);
        let merge = invented.commit(&[ours, theirs], &[("ours", "1"), ("theirs", "1")]);
        let repository = invented.repository();
        let back: Vec<_> = repository.history(Some(merge)).first_parents().collect();
        assert_eq!(back, [merge, ours, first]);
    }
}
