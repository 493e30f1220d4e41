//! The health of a repository: its keys, and dangers to its secrets.
//!
//! `facts` reads everything once; `decide` says what of it is a concern.

mod concern;
mod decide;
mod facts;

pub(crate) use concern::{NOT_WRAPPED, holders_gone, not_wrapped};

use concern::Concern;
use decide::concerns;
use facts::{HealthFacts, KeyHealth};

use super::status::FileStatus;
use crate::keyring::membership::MembershipError;
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
