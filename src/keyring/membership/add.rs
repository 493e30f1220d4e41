//! Gives a key to people: wraps it for them, attests them, and remembers this.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::known_holders::{KnownHolders, MembershipError, holder_text};
use super::staged_change::{StagedChange, message};
use crate::format::KeyFile;
use crate::keyring::people::{Collaborator, Collaborators, Recipient, Wrapper, recipient_beside};
use crate::keyring::trust::{MemoryError, StatementFolders};
use crate::repository::{Repository, RepositoryError};

/// Wraps every version of `key` for these people, attests them, and stages the result. A key that is already wrapped
/// for somebody is wrapped again: the file may be damaged, contain another key, or be for an expired subkey.
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
    let mut names_left_out = BTreeMap::new();
    for recipient in recipients {
        let holder = recipient.holder();
        if !added.insert(holder.clone()) {
            continue;
        }
        let mut collaborator = Collaborator::new(recipient.clone());
        let text = holder_text(&collaborator);
        let attestation = text.as_ref().and_then(|text| known.attestation(text));
        let attested_name = attestation.and_then(|statement| statement.name.clone());
        // Keep a name that a holder of the key has given, rather than one from beside a wrapped key: anybody who can
        // push could have written that one.
        if let (None, Recipient::Age(age), Some(name)) =
            (recipient.name(), recipient, &attested_name)
        {
            collaborator = Collaborator::new(Recipient::Age(age.clone().named(name)));
        }
        for (version, bytes) in key.versions_to_bytes() {
            let path = directory.path_of(key.name(), version, &holder);
            let before = there.iter().find(|wrapped| wrapped.file.path == path);
            wrapped_anew.extend(before.map(|_| holder.clone()));
            let before = before.map(|wrapped| recipient_beside(repository, wrapped));
            if let (None, Some(before)) = (collaborator.name(), before.transpose()?.flatten()) {
                let name = before.name().map(ToOwned::to_owned);
                names_left_out.extend(name.map(|name| (holder.clone(), name)));
            }
            let beside = directory.path_beside(key.name(), version, &holder);
            let named = collaborator.recipient.as_ref();
            files.extend(beside.zip(named.and_then(Recipient::beside)));
            files.push((path, recipient.wrap(&bytes, wrapper)?));
        }
        if let Some(text) = text {
            let name = collaborator.name();
            let statement = known.sign(key, false, text.clone(), name, now)?;
            let content = statement.to_text().into_bytes();
            files.push((folders.path_of_holder(&statement), content));
            known.memory.accepted.insert(text);
            known.memory.holders_seen = true;
        }
    }
    let users: Vec<String> = recipients.iter().map(ToString::to_string).collect();
    let paths = directory.stage(repository, files).map_err(unfinished)?;
    known.remember(repository).map_err(unfinished)?;
    Ok(StagedChange {
        paths,
        message: message("Add", Some(key.name()), &users),
        wrapped_anew,
        names_left_out,
    })
}

/// Marks an error as `Unfinished` if files may have been written before.
fn unfinished(error: impl Into<MembershipError>) -> MembershipError {
    let error = error.into();
    match &error {
        MembershipError::Repository(
            RepositoryError::File { .. } | RepositoryError::GitProgram { .. },
        )
        | MembershipError::Memory(MemoryError::Write { .. }) => {
            MembershipError::Unfinished(Box::new(error))
        }
        _ => error,
    }
}
