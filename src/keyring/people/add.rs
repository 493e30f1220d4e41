//! Giving a key to people.

use std::collections::BTreeSet;

use super::collaborator::recipient_beside;
use super::collaborators::{CollaboratorError, Collaborators};
use super::recipient::{Recipient, Wrapper};
use super::staged_change::{StagedChange, message};
use crate::format::KeyFile;
use crate::repository::Repository;

/// Wraps every version of `key` for these people and stages the result. What was wrapped for them before is replaced: it
/// may be damaged, of another key, or for a subkey that they no longer have.
pub(crate) fn add_collaborators(
    repository: &Repository,
    key: &KeyFile,
    recipients: &[Recipient],
    wrapper: Wrapper<'_>,
) -> Result<StagedChange, CollaboratorError> {
    let _alone = repository.keys().lock()?;
    let directory = Collaborators::of(repository)?;
    let there = directory.wrapped_keys(repository)?;
    let mut files = Vec::new();
    let mut holders = BTreeSet::new();
    for recipient in recipients {
        let holder = recipient.holder();
        if !holders.insert(holder.clone()) {
            continue;
        }
        for (version, bytes) in key.versions_to_bytes() {
            let path = directory.path_of(key.name(), version, &holder);
            let before = there.iter().find(|wrapped| wrapped.file.path == path);
            let before = before.map(|wrapped| recipient_beside(repository, wrapped));
            // A name that was given before is not taken away.
            let named = match (recipient.name(), before.transpose()?.flatten()) {
                (None, Some(before)) => before,
                _ => recipient.clone(),
            };
            let beside = directory.path_beside(key.name(), version, &holder);
            files.extend(beside.zip(named.beside()));
            files.push((path, recipient.wrap(&bytes, wrapper)?));
        }
    }
    let users: Vec<String> = recipients.iter().map(ToString::to_string).collect();
    Ok(StagedChange {
        paths: directory.stage(repository, files)?,
        message: message("Add", Some(key.name()), &users),
    })
}
