//! Collaborators with GPG keys: added, listed, removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::collaborators::{CollaboratorError, Collaborators, Holder};
use super::gpg::{Gpg, GpgError};
use super::gpg_listing::{Fingerprint, PublicKey};
use crate::format::{KeyFile, KeyName};
use crate::repository::{PathBytes, Repository};

/// Shorter ends of a fingerprint are taken for a name.
const SHORTEST_KEY_ID: usize = 8;

/// What was staged, and is to be committed by itself.
#[derive(Debug)]
pub struct StagedChange {
    /// The files.
    pub paths: Vec<PathBytes>,
    /// What the commit is to say.
    pub message: String,
}

/// A collaborator with a GPG key.
#[derive(Debug, PartialEq, Eq)]
pub struct GpgUser {
    /// What the wrapped keys say.
    pub fingerprint: Fingerprint,
    /// What the user's own keyring knows.
    pub public_key: Option<PublicKey>,
    /// The keys that were wrapped.
    pub keys: BTreeSet<KeyName>,
}

/// Wraps every version of `key` for these users and stages the result; whoever had it already keeps it.
pub fn add_gpg_users(
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
        message: message("Add", key.name(), &described(users)),
    })
}

/// All collaborators with GPG keys. Without a GPG that works there are no names, and the reason why.
pub fn gpg_users(
    repository: &Repository,
    gpg: &Gpg,
) -> Result<(Vec<GpgUser>, Option<GpgError>), CollaboratorError> {
    let mut users: BTreeMap<Fingerprint, BTreeSet<KeyName>> = BTreeMap::new();
    for wrapped in Collaborators::of(repository)?.wrapped_keys(repository)? {
        let Holder::Gpg(fingerprint) = wrapped.holder;
        users.entry(fingerprint).or_default().insert(wrapped.key);
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
pub fn remove_gpg_user(
    repository: &Repository,
    key: Option<&KeyName>,
    user: &str,
    gpg: &Gpg,
) -> Result<(GpgUser, StagedChange), CollaboratorError> {
    let (users, _) = gpg_users(repository, gpg)?;
    let holds_it = |candidate: &GpgUser| key.is_none_or(|key| candidate.keys.contains(key));
    let mut found: Vec<GpgUser> = users
        .into_iter()
        .filter(|candidate| holds_it(candidate) && candidate.is_called(user))
        .collect();
    let removed = match (found.pop(), found.is_empty()) {
        (Some(removed), true) => removed,
        (None, _) => {
            return Err(CollaboratorError::NotACollaborator {
                user: user.to_owned(),
                key: key.cloned(),
            });
        }
        (Some(last), false) => {
            found.push(last);
            return Err(CollaboratorError::Ambiguous {
                user: user.to_owned(),
                names: found.iter().map(ToString::to_string).collect(),
            });
        }
    };
    let holder = Holder::Gpg(removed.fingerprint.clone());
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    let theirs = wrapped
        .into_iter()
        .filter(|wrapped| wrapped.holder == holder && key.is_none_or(|key| wrapped.key == *key));
    let paths: Vec<PathBytes> = theirs.map(|wrapped| wrapped.file.path).collect();
    repository.remove_shared(&paths)?;
    let message = match key {
        Some(key) => message("Remove", key, &[removed.to_string()]),
        None => format!("Remove a git-crypt collaborator\n\n    {}\n", removed),
    };
    Ok((removed, StagedChange { paths, message }))
}

/// Commits what was staged, and nothing else; false where all of it had been committed before.
pub fn commit(repository: &Repository, change: &StagedChange) -> Result<bool, CollaboratorError> {
    repository
        .commit_shared(&change.paths, &change.message)
        .map_err(|source| CollaboratorError::NotCommitted { source })
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

/// A commit's message: how many are added or removed, then who.
fn message(verb: &str, key: &KeyName, users: &[String]) -> String {
    let collaborators = match users.len() {
        1 => "1 git-crypt collaborator".to_owned(),
        number => format!("{number} git-crypt collaborators"),
    };
    let of_key = match key.name() {
        Some(name) => format!(" of the key {name}"),
        None => String::new(),
    };
    format!(
        "{verb} {collaborators}{of_key}\n\n    {}\n",
        users.join("\n    ")
    )
}
