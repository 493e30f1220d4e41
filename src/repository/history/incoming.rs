//! Commits that Git is about to bring into the work tree, or was stopped at bringing.

use std::fs;

use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::revision::CommitId;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

/// A commit that `HEAD` does not have yet.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The name that Git's user knows it by.
    pub name: String,
    /// The commit.
    pub commit: CommitId,
    /// True if `HEAD` has commits that it has not.
    pub diverged: bool,
}

/// What Git can be in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnderWay {
    /// `git merge`, or `git pull`.
    Merge,
    /// `git rebase`, or `git pull --rebase`.
    Rebase,
}

impl Repository {
    /// The command that Git was stopped in, if it has noted one.
    pub fn under_way(&self) -> Option<UnderWay> {
        let begun = |name: &str| self.git_dir().join(name).exists();
        match begun("rebase-merge") || begun("rebase-apply") {
            true => Some(UnderWay::Rebase),
            false => begun("MERGE_HEAD").then_some(UnderWay::Merge),
        }
    }

    /// The upstream of the branch, or what was last fetched to be merged if it has none. Then the commits that are being
    /// merged, or rebased on.
    pub fn incoming(&self) -> Result<Vec<Incoming>, RepositoryError> {
        let mut found = match self.upstream() {
            Some(upstream) => vec![upstream],
            None => self.fetched_to_merge(),
        };
        for id in self.merge_heads()? {
            found.push(("MERGE_HEAD".to_owned(), id));
        }
        for place in ["rebase-merge/onto", "rebase-apply/onto"] {
            let text = fs::read_to_string(self.git_dir().join(place)).unwrap_or_default();
            if let Ok(id) = git2::Oid::from_str(text.trim()) {
                found.push((id.to_string(), id));
            }
        }
        self.not_in_head(found)
    }

    /// All branches, of this repository and of others as they were last fetched.
    pub fn branches_ahead(&self) -> Result<Vec<Incoming>, RepositoryError> {
        let branches = self
            .git
            .branches(None)
            .map_err(RepositoryError::git("listing the branches"))?;
        let branches = branches.filter_map(|branch| {
            let reference = branch.ok()?.0.into_reference();
            let name = reference.shorthand().ok()?.to_owned();
            Some((name, reference.peel_to_commit().ok()?.id()))
        });
        self.not_in_head(branches.collect())
    }

    /// Each of the commits in `found` once, without those that `HEAD` has.
    fn not_in_head(
        &self,
        found: Vec<(String, git2::Oid)>,
    ) -> Result<Vec<Incoming>, RepositoryError> {
        let Some(head) = self.head_commit()? else {
            return Ok(Vec::new());
        };
        let mut incoming: Vec<Incoming> = Vec::new();
        for (name, id) in found {
            let known = incoming.iter().any(|known| known.commit.0 == id);
            // A commit that is not here brings nothing.
            let merged = head.0 == id || self.git.graph_descendant_of(head.0, id).unwrap_or(true);
            if !known && !merged {
                let ahead = self.git.graph_descendant_of(id, head.0);
                incoming.push(Incoming {
                    name,
                    commit: CommitId(id),
                    diverged: !ahead.unwrap_or(false),
                });
            }
        }
        Ok(incoming)
    }

    /// The files that `commit` has and `HEAD` has not, or with another content.
    pub fn brought_by(
        &self,
        commit: CommitId,
    ) -> Result<Vec<(PathBytes, BlobId)>, RepositoryError> {
        let changes = self.changes_between(self.head_tree()?.as_ref(), &self.tree_of(commit.0)?)?;
        let files = changes.changed.into_iter();
        let files = files.filter(|change| !change.is_link);
        Ok(files.map(|change| (change.path, change.blob)).collect())
    }

    /// The commit that brought what `commit` has at `path`, behind its parent. It is the oldest one with that content that `HEAD`
    /// does not have.
    pub fn origin_of(
        &self,
        commit: CommitId,
        path: &PathBytes,
    ) -> Result<Option<(CommitId, CommitId)>, RepositoryError> {
        let reading = || RepositoryError::git("reading the history of what is to be pulled");
        let Some(head) = self.head_commit()? else {
            return Ok(None);
        };
        let there = self.blob_at(commit, path);
        let commits = self.walk(&[commit.0], &[head.0]).map_err(reading())?;
        let origin = commits
            .into_iter()
            .find(|commit| self.blob_at(*commit, path) == there);
        let Some(origin) = origin else {
            return Ok(None);
        };
        let origin = self.git.find_commit(origin.0).map_err(reading())?;
        let parent = origin.parent_id(0).ok();
        Ok(parent.map(|parent| (CommitId(parent), CommitId(origin.id()))))
    }

    /// The last commit that both have in their history, if there is one.
    pub fn common_ancestor(&self, one: CommitId, other: CommitId) -> Option<CommitId> {
        self.git.merge_base(one.0, other.0).ok().map(CommitId)
    }

    /// What a commit has at `path`.
    pub fn blob_at(&self, commit: CommitId, path: &PathBytes) -> Option<BlobId> {
        let tree = self.tree_of(commit.0).ok()?;
        let entry = tree.get_path(path.to_path()).ok()?;
        Some(BlobId(entry.id()))
    }

    fn upstream(&self) -> Option<(String, git2::Oid)> {
        let head = self.git.head().ok().filter(git2::Reference::is_branch)?;
        let upstream = git2::Branch::wrap(head).upstream().ok()?;
        let name = upstream.get().shorthand().ok()?.to_owned();
        Some((name, upstream.get().peel_to_commit().ok()?.id()))
    }

    fn fetched_to_merge(&self) -> Vec<(String, git2::Oid)> {
        let mut fetched = Vec::new();
        // There is no FETCH_HEAD if nothing was fetched.
        let _ = self.git.fetchhead_foreach(|_, _, id, to_merge| {
            if to_merge {
                fetched.push(("FETCH_HEAD".to_owned(), *id));
            }
            true
        });
        fetched
    }
}
