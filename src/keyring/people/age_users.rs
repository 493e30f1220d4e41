//! Collaborators with age or SSH keys: added, listed, removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::age::seal;
use super::age::{AgeId, AgeRecipient};
use super::collaborators::{CollaboratorError, Collaborators, Holder};
use super::staged_change::{StagedChange, message, remove};
use crate::format::{KeyFile, KeyName};
use crate::repository::Repository;

/// Shorter parts of a key or an id are taken for a name.
const SHORTEST_KEY_PART: usize = 8;

/// A collaborator with an age or SSH key.
#[derive(Debug)]
pub(crate) struct AgeUser {
    /// What their files are called.
    pub id: AgeId,
    /// Whom the file beside the sealed key names, if it fits the id.
    pub recipient: Option<AgeRecipient>,
    /// The keys that were sealed.
    pub keys: BTreeSet<KeyName>,
}

/// Seals every version of `key` for these recipients and stages the result; whoever had it already keeps it.
pub(crate) fn add_age_users(
    repository: &Repository,
    key: &KeyFile,
    recipients: &[AgeRecipient],
) -> Result<StagedChange, CollaboratorError> {
    let collaborators = Collaborators::of(repository)?;
    let there = collaborators.wrapped_keys(repository)?;
    let mut files = Vec::new();
    for recipient in recipients {
        let holder = Holder::Age(recipient.id());
        for (version, bytes) in key.versions_to_bytes() {
            let path = collaborators.path_of(key.name(), version, &holder);
            let is_there = there.iter().any(|wrapped| wrapped.file.path == path);
            let content = match is_there {
                true => None,
                false => Some(seal(&bytes, &[recipient.as_age()])?),
            };
            files.push((path, content));
            let beside = collaborators.path_beside(key.name(), version, &recipient.id());
            let list = recipient.to_list().into_bytes();
            // A name that was given before is not taken away.
            let is_new = !is_there || recipient.name().is_some();
            files.push((beside, is_new.then_some(list)));
        }
    }
    let users: Vec<String> = recipients.iter().map(ToString::to_string).collect();
    Ok(StagedChange {
        paths: collaborators.stage(repository, files)?,
        message: message("Add", Some(key.name()), &users),
    })
}

/// All collaborators with age or SSH keys.
pub(crate) fn age_users(repository: &Repository) -> Result<Vec<AgeUser>, CollaboratorError> {
    let mut users: BTreeMap<AgeId, AgeUser> = BTreeMap::new();
    for wrapped in Collaborators::of(repository)?.wrapped_keys(repository)? {
        let Holder::Age(id) = &wrapped.holder else {
            continue;
        };
        let user = users.entry(id.clone()).or_insert_with(|| AgeUser {
            id: id.clone(),
            recipient: None,
            keys: BTreeSet::new(),
        });
        user.keys.insert(wrapped.key);
        if user.recipient.is_none()
            && let Some(beside) = &wrapped.beside
        {
            let list = repository.read_shared(beside)?;
            let recipients = AgeRecipient::parse_list(&String::from_utf8_lossy(&list));
            user.recipient = recipients
                .unwrap_or_default()
                .into_iter()
                .find(|recipient| recipient.id() == *id);
        }
    }
    Ok(users.into_values().collect())
}

/// Removes the sealed keys of the one collaborator who is called `user`: those of `key`, or all.
pub(crate) fn remove_age_user(
    repository: &Repository,
    key: Option<&KeyName>,
    user: &str,
) -> Result<(AgeUser, StagedChange), CollaboratorError> {
    let found = age_users(repository)?
        .into_iter()
        .filter(|candidate| key.is_none_or(|key| candidate.keys.contains(key)))
        .filter(|candidate| candidate.is_called(user))
        .map(|candidate| (Holder::Age(candidate.id.clone()), candidate));
    remove(repository, key, user, found.collect())
}

impl AgeUser {
    /// True for the whole key, its end or the id's beginning, and for a part of the name.
    fn is_called(&self, user: &str) -> bool {
        if let Ok(recipient) = AgeRecipient::parse(user) {
            return recipient.id() == self.id;
        }
        let Some(recipient) = &self.recipient else {
            return user.len() >= SHORTEST_KEY_PART && self.id.as_str().starts_with(user);
        };
        let by_key = user.len() >= SHORTEST_KEY_PART
            && (self.id.as_str().starts_with(user) || recipient.text().ends_with(user));
        let named = |name: &str| name.to_lowercase().contains(&user.to_lowercase());
        by_key || (!user.is_empty() && recipient.name().is_some_and(named))
    }
}

impl fmt::Display for AgeUser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.recipient {
            Some(recipient) => recipient.fmt(formatter),
            None => self.id.fmt(formatter),
        }
    }
}
