//! The health of a repository: the keys that it needs and has, and the dangers to its secrets.
//!
//! `facts` reads all that there is to know, once; `decide` says what of it is a concern.

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

/// A repository's keys, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Health {
    /// Each key that is here, configured, or asked for by an attribute; sorted.
    pub keys: Vec<KeyHealth>,
    /// The concerns that the user should know, the worst first.
    pub concerns: Vec<Concern>,
}

/// Looks at the keys that `files` (all of the repository, or some) need; a shell finds programs on `path`.
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
    /// True if there are files whose key is not here.
    pub(crate) fn is_locked(&self) -> bool {
        self.keys.iter().any(|key| !key.unlocked && key.files > 0)
    }
}
