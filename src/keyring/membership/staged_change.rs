//! A change of a repository's collaborators: staged, then committed by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::KeyName;
use crate::keyring::people::{CollaboratorError, Holder};
use crate::repository::{PathBytes, Repository};

/// A staged change that is to be committed by itself.
#[derive(Debug)]
pub(crate) struct StagedChange {
    pub paths: Vec<PathBytes>,
    /// The commit's message.
    pub message: String,
    /// Holders for whom the key was wrapped before, and who get it wrapped anew.
    pub wrapped_anew: BTreeSet<Holder>,
    /// Names that lay beside wrapped keys, and that no holder of the key has given.
    pub names_left_out: BTreeMap<Holder, String>,
}

impl StagedChange {
    /// Commits it, and nothing else that is staged; false if nothing of it differs from the last commit.
    pub(crate) fn commit(&self, repository: &Repository) -> Result<bool, CollaboratorError> {
        repository
            .shared_files()
            .commit(&self.paths, &self.message)
            .map_err(|source| CollaboratorError::NotCommitted { source })
    }
}

/// A commit's message: how many are added or removed, then who.
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
