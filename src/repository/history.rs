//! What a commit contains: itself, its parents, and theirs.

use super::open::Repository;
use super::revision::CommitId;

/// A commit and everything before it; empty where there is no commit yet.
pub struct History<'repository> {
    repository: &'repository Repository,
    tip: Option<CommitId>,
}

impl Repository {
    /// The history that ends with `tip`.
    pub fn history(&self, tip: Option<CommitId>) -> History<'_> {
        History {
            repository: self,
            tip,
        }
    }
}

impl History<'_> {
    /// True where the commit of this id belongs to it. What is not in this repository (a shallow clone has little, a
    /// rebase leaves commits behind) belongs to no history.
    pub fn contains(&self, commit: &str) -> bool {
        let (Some(tip), Ok(commit)) = (self.tip, git2::Oid::from_str(commit)) else {
            return false;
        };
        let git = &self.repository.git;
        tip.0 == commit || git.graph_descendant_of(tip.0, commit).unwrap_or(false)
    }

    /// True where it ends with this very commit.
    pub fn ends_with(&self, commit: &str) -> bool {
        self.tip.is_some_and(|tip| tip.to_string() == commit)
    }
}

#[cfg(test)]
mod tests {
    use crate::repository::open::Repository;

    fn commit(git: &git2::Repository, parent: Option<git2::Oid>) -> git2::Oid {
        let author = git2::Signature::now("Test", "test@example.org").expect("a good name");
        let tree = git.treebuilder(None).expect("an empty tree");
        let tree = tree.write().expect("it is written");
        let tree = git.find_tree(tree).expect("it was just written");
        let parent = parent.map(|id| git.find_commit(id).expect("it was just made"));
        let parents: Vec<_> = parent.iter().collect();
        git.commit(None, &author, &author, "commit", &tree, &parents)
            .expect("the commit is written")
    }

    #[test]
    fn a_history_has_its_tip_and_what_came_before() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let git = git2::Repository::init(folder.path()).expect("an empty folder");
        let first = commit(&git, None);
        let second = commit(&git, Some(first));
        let third = commit(&git, Some(second));
        let repository = Repository::open(folder.path()).expect("it is a repository");
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
}
