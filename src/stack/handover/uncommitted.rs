//! Finds the files of a stack that differ from the checked-out commit.

use std::collections::BTreeSet;

use crate::stack::error::StackError;
use crate::stack::loaded::Stack;
use crate::stack::source::{DIRTY, SourceError};

impl Stack<'_> {
    /// The paths of the stack's files that differ from the checked-out commit, sorted. Empty if the stack was read from a
    /// commit.
    pub fn uncommitted_files(&self) -> Result<Vec<String>, StackError> {
        if !self.sources.in_work_tree() {
            return Ok(Vec::new());
        }
        let mut paths = BTreeSet::new();
        let stack_files = self.files.iter().map(|file| &file.path);
        for path in stack_files.chain(self.variables.files.keys()) {
            let unreadable = |source: SourceError| StackError::Unreadable {
                file: path.clone(),
                source: Box::new(source),
            };
            if self.sources.is_uncommitted(path).map_err(unreadable)? {
                paths.insert(path.clone());
            }
        }
        for object in &self.desired.objects {
            if object.origin.is_uncommitted() {
                paths.insert(object.origin.path.clone());
            }
        }
        paths.extend(self.uncommitted_env_files()?);
        Ok(paths.into_iter().collect())
    }

    /// The commit that was read or is checked out, marked as dirty if one of the stack's files differs from it. `None`
    /// before the first commit.
    pub fn commit_in_hand(&self) -> Result<Option<String>, StackError> {
        let commit = match self.sources.tree.commit() {
            Some(commit) => Some(commit),
            None => self.repository.objects().head_commit()?,
        };
        let is_clean = self.uncommitted_files()?.is_empty();
        Ok(commit.map(|commit| {
            if is_clean {
                commit.to_string()
            } else {
                format!("{commit}{DIRTY}")
            }
        }))
    }
}
