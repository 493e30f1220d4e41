//! Examines a repository.

use super::concern::Concern;
use super::decide::concerns;
use super::facts::{HealthFacts, KeyHealth};
use crate::keyring::membership::MembershipError;
use crate::keyring::setup::status::FileStatus;
use crate::repository::{Repository, SearchPath};

/// The keys of a repository, and concerns about it.
#[derive(Debug)]
pub(crate) struct Health {
    /// Each key that is here, is configured, or is chosen by an attribute; sorted.
    pub keys: Vec<KeyHealth>,
    /// The concerns that the user should know, the worst first.
    pub concerns: Vec<Concern>,
}

/// Examines the keys that `files` (all of the repository, or some) need. `path` is where a shell looks for programs.
pub(crate) fn health(
    repository: &Repository,
    files: &[FileStatus],
    path: &SearchPath,
) -> Result<Health, MembershipError> {
    let facts = HealthFacts::of(repository, files, path)?;
    Ok(Health {
        concerns: concerns(&facts),
        keys: facts.keys,
    })
}

impl Health {
    /// True if a key is missing that has files.
    pub(crate) fn is_locked(&self) -> bool {
        self.keys.iter().any(|key| !key.unlocked && key.files > 0)
    }
}
