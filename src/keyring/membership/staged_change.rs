//! A staged change of collaborators, which is committed separately from other changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::KeyName;
use crate::keyring::people::{CollaboratorError, Holder};
use crate::repository::{PathBytes, Repository};

/// A staged change of collaborators, to be committed separately.
#[derive(Debug)]
pub(crate) struct StagedChange {
    pub paths: Vec<PathBytes>,
    /// The commit message.
    pub message: String,
    /// Holders for whom the key was wrapped before, and is now wrapped again.
    pub wrapped_anew: BTreeSet<Holder>,
    /// Names that were beside wrapped keys, but were not given by a holder of the key.
    pub names_left_out: BTreeMap<Holder, String>,
}

impl StagedChange {
    /// Commits this change, and nothing else that is staged. False if it does not differ from the last commit.
    pub(crate) fn commit(&self, repository: &Repository) -> Result<bool, CollaboratorError> {
        repository
            .shared_files()
            .commit(&self.paths, &self.message)
            .map_err(|source| CollaboratorError::NotCommitted { source })
    }
}

/// A commit message: how many people are added or removed, then who.
pub(super) fn message(verb: &str, key: Option<&KeyName>, users: &[String]) -> String {
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
