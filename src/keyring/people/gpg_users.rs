//! Collaborators with GPG keys: added, listed, removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::collaborators::{CollaboratorError, Collaborators, Holder};
use super::gpg::{Fingerprint, PublicKey};
use super::gpg::{Gpg, GpgError};
use super::staged_change::{StagedChange, message, remove};
use crate::format::{KeyFile, KeyName};
use crate::repository::Repository;

/// Shorter ends of a fingerprint are taken for a name.
const SHORTEST_KEY_ID: usize = 8;

/// A collaborator with a GPG key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GpgUser {
    /// What the wrapped keys say.
    pub fingerprint: Fingerprint,
    /// What the user's own keyring knows.
    pub public_key: Option<PublicKey>,
    /// The keys that were wrapped.
    pub keys: BTreeSet<KeyName>,
}

/// Wraps every version of `key` for these users and stages the result; whoever had it already keeps it.
pub(crate) fn add_gpg_users(
    repository: &Repository,
    key: &KeyFile,
    users: &[PublicKey],
    gpg: &Gpg,
    trusted: bool,
) -> Result<StagedChange, CollaboratorError> {
    let collaborators = Collaborators::of(repository)?;
    let there = collaborators.wrapped_keys(repository)?;
    let mut files = Vec::new();
    for user in users {
        let holder = Holder::Gpg(user.fingerprint.clone());
        for (version, bytes) in key.versions_to_bytes() {
            let path = collaborators.path_of(key.name(), version, &holder);
            let is_there = there.iter().any(|wrapped| wrapped.file.path == path);
            let content = match is_there {
                true => None,
                false => Some(gpg.encrypt(&bytes, &user.fingerprint, trusted)?),
            };
            files.push((path, content));
        }
    }
    Ok(StagedChange {
        paths: collaborators.stage(repository, files)?,
        message: message("Add", Some(key.name()), &described(users)),
    })
}

/// All collaborators with GPG keys. Without a GPG that works there are no names, and the reason why.
pub(crate) fn gpg_users(
    repository: &Repository,
    gpg: &Gpg,
) -> Result<(Vec<GpgUser>, Option<GpgError>), CollaboratorError> {
    let mut users: BTreeMap<Fingerprint, BTreeSet<KeyName>> = BTreeMap::new();
    for wrapped in Collaborators::of(repository)?.wrapped_keys(repository)? {
        if let Holder::Gpg(fingerprint) = wrapped.holder {
            users.entry(fingerprint).or_default().insert(wrapped.key);
        }
    }
    let (public_keys, trouble) = match gpg.public_keys(&users.keys().collect::<Vec<_>>()) {
        Ok(public_keys) => (public_keys, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let of = |fingerprint: &Fingerprint| {
        let known = |key: &&PublicKey| key.fingerprint == *fingerprint;
        public_keys.iter().find(known).cloned()
    };
    let users = users.into_iter().map(|(fingerprint, keys)| GpgUser {
        public_key: of(&fingerprint),
        fingerprint,
        keys,
    });
    Ok((users.collect(), trouble))
}

/// Removes the wrapped keys of the one collaborator who is called `user`: those of `key`, or all.
pub(crate) fn remove_gpg_user(
    repository: &Repository,
    key: Option<&KeyName>,
    user: &str,
    gpg: &Gpg,
) -> Result<(GpgUser, StagedChange), CollaboratorError> {
    let (users, _) = gpg_users(repository, gpg)?;
    let found = users
        .into_iter()
        .filter(|candidate| key.is_none_or(|key| candidate.keys.contains(key)))
        .filter(|candidate| candidate.is_called(user))
        .map(|candidate| (Holder::Gpg(candidate.fingerprint.clone()), candidate));
    remove(repository, key, user, found.collect())
}

impl GpgUser {
    /// True for the fingerprint or its end, and for a part of the user id.
    fn is_called(&self, user: &str) -> bool {
        let digits = user.strip_prefix("0x").unwrap_or(user).to_ascii_uppercase();
        let is_key_id =
            digits.len() >= SHORTEST_KEY_ID && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let named = |key: &PublicKey| {
            let (user_id, user) = (key.user_id.to_lowercase(), user.to_lowercase());
            user_id.contains(&user)
        };
        match is_key_id {
            true => self.fingerprint.as_str().ends_with(&digits),
            false => !user.is_empty() && self.public_key.as_ref().is_some_and(named),
        }
    }
}

impl fmt::Display for GpgUser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.public_key {
            Some(key) => write!(formatter, "{} {}", self.fingerprint, key.user_id),
            None => self.fingerprint.fmt(formatter),
        }
    }
}

fn described(users: &[PublicKey]) -> Vec<String> {
    let line = |user: &PublicKey| format!("{} {}", user.fingerprint, user.user_id);
    users.iter().map(line).collect()
}
