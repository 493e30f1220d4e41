//! A key that was rotated in another clone: what is wrapped of it in a commit about to be pulled, and what it opens there.

use std::collections::HashSet;

use crate::format::KeyFile;
use crate::keyring::files::opens;
use crate::keyring::people::collaborators::{Collaborators, WrappedKey};
use crate::repository::{Incoming, Repository, RepositoryError, go_on};

/// Keys that a commit which is about to be pulled has wrapped for somebody, and that are not wrapped so here.
#[derive(Debug)]
pub(crate) struct Rewrapped {
    /// The commit.
    pub incoming: Incoming,
    /// All that is wrapped of these keys there.
    pub wrapped: Vec<WrappedKey>,
}

/// The first commit about to be pulled that has keys of this clone wrapped anew.
pub(crate) fn rewrapped(repository: &Repository) -> Result<Option<Rewrapped>, RepositoryError> {
    let collaborators = Collaborators::of(repository)?;
    let before = collaborators.committed_keys(repository, None)?;
    for incoming in repository.commits().incoming()? {
        let mut wrapped = collaborators.committed_keys(repository, Some(incoming.commit))?;
        let is_new = |after: &&WrappedKey| before.iter().all(|before| before.file != after.file);
        let changed: HashSet<_> = wrapped
            .iter()
            .filter(is_new)
            .map(|new| new.key.clone())
            .collect();
        wrapped.retain(|wrapped| changed.contains(&wrapped.key));
        let mut here = Vec::new();
        for wrapped in wrapped {
            if repository.keys().has(&wrapped.key)? {
                here.push(wrapped);
            }
        }
        if !here.is_empty() {
            return Ok(Some(Rewrapped {
                incoming,
                wrapped: here,
            }));
        }
    }
    Ok(None)
}

/// The first commit with a file that `key` opens: of those about to be pulled, then of all branches, since Git may have been
/// stopped at changing to one.
pub(crate) fn proof(
    repository: &Repository,
    key: &KeyFile,
) -> Result<Option<Incoming>, RepositoryError> {
    let mut tried = HashSet::new();
    let pulled = repository.commits().incoming()?;
    for incoming in pulled
        .into_iter()
        .chain(repository.commits().branches_ahead()?)
    {
        let mut files = repository.commits().brought_by(incoming.commit)?;
        files.retain(|file| tried.insert(file.clone()));
        let encryptions = repository
            .attributes()
            .encryptions(files.iter().map(|(path, _)| path))?;
        for ((_, blob), encryption) in files.into_iter().zip(encryptions) {
            go_on()?;
            if encryption.is_some_and(|encryption| encryption.key == *key.name())
                && opens(key, repository.objects().blob(blob)?.content())
            {
                return Ok(Some(incoming));
            }
        }
    }
    Ok(None)
}
