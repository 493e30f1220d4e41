//! A change of a repository's collaborators: staged, then committed by itself.

use std::fmt;

use super::collaborators::{CollaboratorError, Collaborators, Holder};
use crate::format::KeyName;
use crate::repository::{PathBytes, Repository};

/// What was staged, and is to be committed by itself.
#[derive(Debug)]
pub(crate) struct StagedChange {
    /// The files.
    pub paths: Vec<PathBytes>,
    /// What the commit is to say.
    pub message: String,
}

impl StagedChange {
    /// Commits it, and nothing else that is staged; false where all of it had been committed before.
    pub(crate) fn commit(&self, repository: &Repository) -> Result<bool, CollaboratorError> {
        repository
            .commit_shared(&self.paths, &self.message)
            .map_err(|source| CollaboratorError::NotCommitted { source })
    }
}

/// Removes the wrapped keys of the one among `found`, all of whom are called `user`: those of `key`, or all.
pub(crate) fn remove<User: fmt::Display>(
    repository: &Repository,
    key: Option<&KeyName>,
    user: &str,
    mut found: Vec<(Holder, User)>,
) -> Result<(User, StagedChange), CollaboratorError> {
    let names = || found.iter().map(|(_, user)| user.to_string()).collect();
    if found.len() > 1 {
        return Err(CollaboratorError::Ambiguous {
            user: user.to_owned(),
            names: names(),
        });
    }
    let Some((holder, removed)) = found.pop() else {
        return Err(CollaboratorError::NotACollaborator {
            user: user.to_owned(),
            key: key.cloned(),
        });
    };
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    let theirs = wrapped
        .iter()
        .filter(|wrapped| wrapped.holder == holder && key.is_none_or(|key| wrapped.key == *key));
    let paths: Vec<PathBytes> = theirs.flat_map(|wrapped| wrapped.paths()).collect();
    repository.remove_shared(&paths)?;
    let message = message("Remove", key, &[removed.to_string()]);
    Ok((removed, StagedChange { paths, message }))
}

/// A commit's message: how many are added or removed, then who.
pub(crate) fn message(verb: &str, key: Option<&KeyName>, users: &[String]) -> String {
    let collaborators = match users.len() {
        1 => "1 git-crypt collaborator".to_owned(),
        number => format!("{number} git-crypt collaborators"),
    };
    let of_key = match key.and_then(KeyName::name) {
        Some(name) => format!(" of the key {name}"),
        None => String::new(),
    };
    format!(
        "{verb} {collaborators}{of_key}\n\n    {}\n",
        users.join("\n    ")
    )
}
