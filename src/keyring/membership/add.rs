//! Gives a key to people: wraps it for them, attests them, remembers them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::known_holders::{KnownHolders, MembershipError, holder_text};
use super::staged_change::{StagedChange, message};
use crate::format::KeyFile;
use crate::keyring::people::{Collaborator, Collaborators, Recipient, Wrapper, recipient_beside};
use crate::keyring::trust::StatementFolders;
use crate::repository::Repository;

/// Wraps every version of `key` for these people, attests them, and stages the result. A key wrapped for them before is
/// replaced: it may be damaged, of another key, or for a subkey that they no longer have.
pub(crate) fn add_collaborators(
    repository: &Repository,
    key: &KeyFile,
    recipients: &[Recipient],
    wrapper: Wrapper<'_>,
    now: Timestamp,
) -> Result<StagedChange, MembershipError> {
    let _alone = repository.keys().lock()?;
    let directory = Collaborators::of(repository)?;
    let folders = StatementFolders::of(repository, key.name())?;
    let mut known = KnownHolders::of(repository, key)?;
    known.require_known_key()?;
    let there = directory.wrapped_keys(repository)?;
    let mut files = Vec::new();
    let mut added = BTreeSet::new();
    let mut wrapped_anew = BTreeSet::new();
    for recipient in recipients {
        let holder = recipient.holder();
        if !added.insert(holder.clone()) {
            continue;
        }
        let mut named = recipient.clone();
        for (version, bytes) in key.versions_to_bytes() {
            let path = directory.path_of(key.name(), version, &holder);
            let before = there.iter().find(|wrapped| wrapped.file.path == path);
            wrapped_anew.extend(before.map(|_| holder.clone()));
            let before = before.map(|wrapped| recipient_beside(repository, wrapped));
            // A name that was given before is not taken away.
            if let (None, Some(before)) = (recipient.name(), before.transpose()?.flatten()) {
                named = before;
            }
            let beside = directory.path_beside(key.name(), version, &holder);
            files.extend(beside.zip(named.beside()));
            files.push((path, recipient.wrap(&bytes, wrapper)?));
        }
        let collaborator = Collaborator::new(named);
        if let Some(text) = holder_text(&collaborator) {
            let name = collaborator.name();
            let statement = known.sign(key, false, text.clone(), name, now)?;
            let content = statement.to_text().into_bytes();
            files.push((folders.path_of_holder(&statement), content));
            known.memory.accepted.insert(text);
            known.memory.holders_seen = true;
        }
    }
    let users: Vec<String> = recipients.iter().map(ToString::to_string).collect();
    let paths = directory.stage(repository, files)?;
    known.remember(repository)?;
    Ok(StagedChange {
        paths,
        message: message("Add", Some(key.name()), &users),
        wrapped_anew,
    })
}
