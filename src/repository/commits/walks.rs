//! The view of a repository's commits, and walks through them in order.

use std::collections::HashSet;

use crate::repository::error::RepositoryError;
use crate::repository::git::program::GitCommand;
use crate::repository::objects::blobs::Objects;
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;

/// The commits of a repository: their order, their changes, which are to be pulled or pushed.
#[derive(Clone, Copy)]
pub(crate) struct Commits<'repository> {
    pub(in crate::repository) git: &'repository git2::Repository,
    pub(in crate::repository) program: GitCommand<'repository>,
}

impl<'repository> Commits<'repository> {
    pub(super) fn objects(self) -> Objects<'repository> {
        Objects {
            git: self.git,
            program: self.program,
        }
    }

    /// The commits that pushing `commit` to `remote` would send, as far as this clone knows. `known` names the commit
    /// that the remote has; it is ignored if this clone does not have it. Commits reached from `known` or from a branch
    /// of the remote are left out.
    pub(in crate::repository) fn commits_to_push(
        self,
        commit: CommitId,
        known: &str,
        remote: &str,
    ) -> Result<Vec<CommitId>, RepositoryError> {
        let doing = || RepositoryError::git(format!("reading the commits to push up to {commit}"));
        let mut hidden = Vec::new();
        if let Ok(known) = self.objects().commit(known) {
            hidden.push(known);
        }
        let branches = self
            .objects()
            .references(&format!("refs/remotes/{remote}/"))?;
        hidden.extend(self.commits_of(branches));
        self.walk(&[commit], &hidden).map_err(doing())
    }

    /// The commits in `commits` that are not a parent of another one in it.
    pub(crate) fn tips_of(self, commits: &[CommitId]) -> Result<Vec<CommitId>, RepositoryError> {
        let mut parents = HashSet::new();
        for commit in commits {
            let found = self.git.find_commit(commit.0.into());
            let found = found.map_err(RepositoryError::git(format!("reading {commit}")))?;
            parents.extend(found.parent_ids());
        }
        let tips = commits
            .iter()
            .filter(|commit| !parents.contains(&commit.0.into()));
        Ok(tips.copied().collect())
    }

    /// The message of a commit.
    pub(crate) fn message_of(self, commit: CommitId) -> Result<Vec<u8>, RepositoryError> {
        self.git
            .find_commit(commit.0.into())
            .map(|commit| commit.message_bytes().to_vec())
            .map_err(RepositoryError::git(format!("reading the commit {commit}")))
    }

    /// The names and addresses of the author and the committer of a commit.
    pub(crate) fn people_of(self, commit: CommitId) -> Result<Vec<Vec<u8>>, RepositoryError> {
        let found = self.git.find_commit(commit.0.into());
        let found = found.map_err(RepositoryError::git(format!("reading the commit {commit}")))?;
        let people = [found.author(), found.committer()];
        let names = people
            .iter()
            .flat_map(|person| [person.name_bytes(), person.email_bytes()]);
        Ok(names.map(<[u8]>::to_vec).collect())
    }

    /// True for a shallow clone, whose history ends early.
    pub(crate) fn is_shallow(self) -> bool {
        self.git.is_shallow()
    }

    /// True during a merge, rebase, cherry-pick or similar: staged changes may come from others.
    pub(crate) fn is_operation_in_progress(self) -> bool {
        self.git.state() != git2::RepositoryState::Clean
    }

    /// The commits that can be reached from `from` and not from `without`, oldest first.
    pub(in crate::repository) fn walk(
        self,
        from: &[CommitId],
        without: &[CommitId],
    ) -> Result<Vec<CommitId>, git2::Error> {
        let mut walk = self.git.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::REVERSE)?;
        for id in from {
            walk.push(id.0.into())?;
        }
        for id in without {
            walk.hide(id.0.into())?;
        }
        walk.map(|id| Ok(CommitId(id?.into()))).collect()
    }

    /// All commits that can be reached from any reference or `HEAD`, oldest first.
    pub(in crate::repository) fn all_commits(self) -> Result<Vec<CommitId>, RepositoryError> {
        let mut tips = self.commits_of(self.objects().references("refs/")?);
        tips.extend(self.objects().head_commit()?);
        self.walk(&tips, &[])
            .map_err(RepositoryError::git("walking through the history"))
    }

    /// The commits that these references lead to, directly or through tags.
    fn commits_of(self, references: Vec<(String, ObjectId)>) -> Vec<CommitId> {
        let commits = references.into_iter().filter_map(|(_, id)| {
            let object = self.git.find_object(id.into(), None).ok()?;
            Some(CommitId(object.peel_to_commit().ok()?.id().into()))
        });
        commits.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::invented_history::InventedHistory;

    #[test]
    fn a_push_sends_what_the_remote_is_not_known_to_have() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1")]);
        let second = invented.commit(&[first], &[("a", "2")]);
        let third = invented.commit(&[second], &[("a", "3")]);
        let repository = invented.repository();
        let nobody = "0".repeat(40);
        let sent = |known: &str| {
            let commits = repository.commits().commits_to_push(third, known, "origin");
            commits.expect("all is here")
        };
        assert_eq!(sent(&nobody), [first, second, third]);
        assert_eq!(sent(&second.to_string()), [third]);
        invented.point("refs/remotes/origin/other", first);
        assert_eq!(sent(&nobody), [second, third]);
        invented.point("refs/remotes/elsewhere/main", third);
        assert_eq!(sent(&nobody), [second, third]);
    }

    #[test]
    fn tips_are_the_parents_of_none_of_the_others() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[]);
        let ours = invented.commit(&[first], &[("a", "1")]);
        let theirs = invented.commit(&[first], &[("a", "2")]);
        let tips = invented
            .repository()
            .commits()
            .tips_of(&[first, ours, theirs]);
        assert_eq!(tips.expect("all is here"), [ours, theirs]);
    }

    #[test]
    fn all_commits_are_those_of_any_reference() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("a", "1")]);
        let tagged = invented.commit(&[first], &[("a", "2")]);
        invented.commit(&[first], &[("a", "3")]);
        invented.point("refs/tags/v1", tagged);
        let all = invented.repository().commits().all_commits();
        assert_eq!(all.expect("all is here"), [first, tagged]);
    }
}
