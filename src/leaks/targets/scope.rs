//! The part of a repository that a check is about.

use std::collections::HashSet;

use crate::leaks::LeakError;
use crate::repository::{CommitId, CommitRange, PathBytes};

/// The part of a repository that a check is about.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// Everything that the next commit would add.
    Staged,
    /// The whole index; in a bare repository, all of `HEAD`.
    All,
    /// These files, with their contents in the index.
    Files(HashSet<PathBytes>),
    /// Every commit in a range.
    Range(CommitRange),
    /// Everything that a push to this remote would send.
    Pushed {
        /// The remote's name, or its URL if it has no name.
        remote: String,
        /// The references, as Git lists them to its pre-push hook.
        references: Vec<PushedReference>,
    },
    /// Commits for which Git ran no hook beforehand, oldest first.
    Commits(Vec<CommitId>),
    /// Everything that can be reached from any reference.
    History,
    /// The message of a commit that is not made yet.
    Message(Vec<u8>),
}

/// A line that Git gives to a pre-push hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushedReference {
    /// The commit that is pushed; `None` if the reference is deleted.
    pub commit: Option<String>,
    /// The name of the reference in the remote.
    pub name: String,
    /// The id that the reference has in the remote now.
    pub known: String,
}

impl PushedReference {
    /// Parses `<local ref> <local id> <remote ref> <remote id>`.
    pub(crate) fn parse(line: &str) -> Result<Self, LeakError> {
        let bad = || LeakError::BadHookLine {
            hook: "pre-push",
            line: line.to_owned(),
        };
        let fields: Vec<&str> = line.split(' ').collect();
        let [_, commit, name, known] = fields[..] else {
            return Err(bad());
        };
        if commit.is_empty() {
            return Err(bad());
        }
        let deleted = commit.bytes().all(|digit| digit == b'0');
        Ok(Self {
            commit: (!deleted).then(|| commit.to_owned()),
            name: name.to_owned(),
            known: known.to_owned(),
        })
    }
}

/// The id of the new commit in a line that Git gives to a post-rewrite hook: `<old id> <new id>`, possibly with more after it.
pub(crate) fn rewritten_commit(line: &str) -> Result<&str, LeakError> {
    let new = line.split(' ').nth(1).filter(|new| !new.is_empty());
    new.ok_or_else(|| LeakError::BadHookLine {
        hook: "post-rewrite",
        line: line.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_rewrite_names_the_new_commit() {
        for line in ["old new", "old new more"] {
            assert_eq!(rewritten_commit(line).expect("as Git writes it"), "new");
        }
        for line in ["", "old", "old  new"] {
            assert!(rewritten_commit(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_line_of_a_push_names_an_object_or_a_deletion() {
        let zeros = "0".repeat(40);
        let line = format!("refs/heads/a abc refs/heads/b {zeros}");
        let reference = PushedReference::parse(&line).expect("as Git writes it");
        assert_eq!(reference.commit.as_deref(), Some("abc"));
        let line = format!("(delete) {zeros} refs/heads/b abc");
        let reference = PushedReference::parse(&line).expect("as Git writes it");
        assert_eq!(reference.commit, None);
        // A line that was taken for nothing to push would let everything pass.
        for line in ["", "a b c", "a  b c", "a b c d e"] {
            assert!(PushedReference::parse(line).is_err(), "{line}");
        }
    }
}
