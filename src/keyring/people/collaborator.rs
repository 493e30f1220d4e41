//! The people who have keys of a repository: who they are, and which keys they have.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt;

use super::age::AgeRecipient;
use super::collaborators::{CollaboratorError, Collaborators, WrappedKey};
use super::gpg::{Gpg, GpgError};
use super::holder::Holder;
use super::recipient::Recipient;
use crate::format::KeyName;
use crate::repository::{Repository, RepositoryError, quoted};

/// Somebody who has a key of the repository.
#[derive(Debug)]
pub(crate) struct Collaborator {
    /// The holder, from the names of their files.
    pub holder: Holder,
    /// Their public key, if it is known and belongs to the holder.
    pub recipient: Option<Recipient>,
    /// True if the name comes from a holder of the key or from the user's own GPG keyring. Anybody who can push may
    /// have written any other name.
    pub is_name_given: bool,
    /// The keys that are wrapped for them.
    pub keys: BTreeSet<KeyName>,
}

/// The collaborators for whose holder `holders` is true. If GPG does not work, GPG users have no names, and the error
/// is returned with the list.
pub(crate) fn collaborators(
    repository: &Repository,
    gpg: &Gpg,
    holders: fn(&Holder) -> bool,
) -> Result<(Vec<Collaborator>, Option<GpgError>), CollaboratorError> {
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    known(repository, gpg, wrapped, holders)
}

/// The collaborators that can be removed. They include those whose removal is staged but not committed.
pub(crate) fn removable_collaborators(
    repository: &Repository,
    gpg: &Gpg,
    holders: fn(&Holder) -> bool,
) -> Result<Vec<Collaborator>, CollaboratorError> {
    let wrapped = removable_keys(repository)?;
    Ok(known(repository, gpg, wrapped, holders)?.0)
}

/// All wrapped keys in the work tree, and those that only the last commit has.
pub(crate) fn removable_keys(repository: &Repository) -> Result<Vec<WrappedKey>, RepositoryError> {
    let directory = Collaborators::of(repository)?;
    let mut wrapped = directory.wrapped_keys(repository)?;
    for committed in directory.committed_keys(repository, None)? {
        let is_here = |here: &WrappedKey| here.file.path == committed.file.path;
        if !wrapped.iter().any(is_here) {
            wrapped.push(committed);
        }
    }
    Ok(wrapped)
}

fn known(
    repository: &Repository,
    gpg: &Gpg,
    wrapped: Vec<WrappedKey>,
    holders: fn(&Holder) -> bool,
) -> Result<(Vec<Collaborator>, Option<GpgError>), CollaboratorError> {
    let mut all: BTreeMap<Holder, Collaborator> = BTreeMap::new();
    for wrapped in wrapped
        .into_iter()
        .filter(|wrapped| holders(&wrapped.holder))
    {
        let one = Collaborator::of_wrapped(repository, &wrapped)?;
        match all.entry(wrapped.holder) {
            Entry::Vacant(place) => {
                place.insert(one);
            }
            Entry::Occupied(place) => {
                let known = place.into_mut();
                known.recipient = known.recipient.take().or(one.recipient);
                known.keys.extend(one.keys);
            }
        }
    }
    let fingerprints = all.keys().filter_map(|holder| match holder {
        Holder::Gpg(fingerprint) => Some(fingerprint),
        Holder::Age(_) => None,
    });
    let (public_keys, trouble) = match gpg.public_keys(&fingerprints.collect::<Vec<_>>()) {
        Ok(public_keys) => (public_keys, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    for key in public_keys {
        if let Some(collaborator) = all.get_mut(&Holder::Gpg(key.fingerprint.clone())) {
            collaborator.recipient = Some(Recipient::Gpg(key));
        }
    }
    Ok((all.into_values().collect(), trouble))
}

/// The recipient in the file beside a wrapped key, if its id matches the name of the file.
pub(crate) fn recipient_beside(
    repository: &Repository,
    wrapped: &WrappedKey,
) -> Result<Option<Recipient>, RepositoryError> {
    let (Holder::Age(id), Some(beside)) = (&wrapped.holder, &wrapped.beside) else {
        return Ok(None);
    };
    let list = repository.shared_files().read(beside)?;
    let listed = AgeRecipient::parse_list(&String::from_utf8_lossy(&list)).unwrap_or_default();
    let fitting = listed.into_iter().find(|recipient| recipient.id() == *id);
    Ok(fitting.map(Recipient::Age))
}

impl Collaborator {
    /// A collaborator who is about to get a key.
    pub(crate) fn new(recipient: Recipient) -> Self {
        Self {
            holder: recipient.holder(),
            recipient: Some(recipient),
            is_name_given: true,
            keys: BTreeSet::new(),
        }
    }

    /// The collaborator for whom a key is wrapped, with the name from the file beside it. Anybody who can push may have
    /// written that name.
    pub(crate) fn of_wrapped(
        repository: &Repository,
        wrapped: &WrappedKey,
    ) -> Result<Self, RepositoryError> {
        Ok(Self {
            holder: wrapped.holder.clone(),
            recipient: recipient_beside(repository, wrapped)?,
            is_name_given: wrapped.holder.is_by_gpg(),
            keys: BTreeSet::from([wrapped.key.clone()]),
        })
    }

    /// A collaborator whom the key called `key` attests with this public key and name.
    pub(crate) fn of_attested(
        key: &KeyName,
        holder: Holder,
        public_key: &str,
        name: Option<&str>,
    ) -> Self {
        let mut collaborator = Self {
            is_name_given: holder.is_by_gpg(),
            holder,
            recipient: None,
            keys: BTreeSet::from([key.clone()]),
        };
        collaborator.attested_as(public_key, name);
        collaborator
    }

    /// Replaces the public key and name from beside the wrapped key by attested ones. A name that was attested before
    /// stays. GPG users are not changed, since the user's keyring has their names.
    pub(crate) fn attested_as(&mut self, public_key: &str, name: Option<&str>) {
        let has_name = self.is_name_given && self.name().is_some();
        if let (Holder::Age(id), Ok(recipient)) = (&self.holder, AgeRecipient::parse(public_key))
            && recipient.id() == *id
            && !has_name
        {
            let recipient = recipient.named(name.unwrap_or_default());
            self.recipient = Some(Recipient::Age(recipient));
            self.is_name_given = true;
        }
    }

    /// As `Display`, but always with the name in quotes: a removed holder could have signed any name.
    pub(crate) fn quoted(&self) -> String {
        let mark = if self.is_name_given {
            ""
        } else {
            "(unproven) "
        };
        match (&self.recipient, self.name()) {
            (Some(recipient), Some(name)) => {
                format!("{} {mark}{}", quoted(name), recipient.short())
            }
            _ => self.to_string(),
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.recipient.as_ref()?.name()
    }
}

impl fmt::Display for Collaborator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.recipient, self.name()) {
            (Some(_), Some(_)) if !self.is_name_given => formatter.write_str(&self.quoted()),
            (Some(recipient), _) => recipient.fmt(formatter),
            (None, _) => formatter.write_str(self.holder.id()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    const SSH: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";

    fn by_age(text: &str, name: &str) -> Collaborator {
        let recipient = AgeRecipient::parse(text).expect("good").named(name);
        of(Recipient::Age(recipient))
    }

    fn of(recipient: Recipient) -> Collaborator {
        Collaborator {
            keys: BTreeSet::from([KeyName::default()]),
            ..Collaborator::new(recipient)
        }
    }

    #[test]
    fn a_name_that_was_attested_stays() {
        let mut renamed = by_age(SSH, "alice");
        renamed.is_name_given = false;
        renamed.attested_as(AGE, Some("mallory"));
        assert_eq!(renamed.name(), Some("alice"), "the key is another's");
        renamed.attested_as(SSH, None);
        assert_eq!((renamed.name(), renamed.is_name_given), (None, true));
        for second in [Some("mallory"), None, Some("alice")] {
            renamed.attested_as(SSH, second);
            assert_eq!(renamed.name(), Some("mallory"), "it was the first name");
        }
    }

    #[test]
    fn a_name_that_anybody_may_have_written_is_quoted_and_marked() {
        let mut claimed = by_age(SSH, "alice\", attested");
        assert!(claimed.to_string().starts_with("alice\", attested ssh-"));
        claimed.is_name_given = false;
        let shown = claimed.to_string();
        assert!(
            shown.starts_with(r#""alice\", attested" (unproven) ssh-ed25519"#),
            "{shown}"
        );
    }
}
