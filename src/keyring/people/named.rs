//! Finding the person whom a name means. Whole names take precedence over parts of names.

use super::age::AgeRecipient;
use super::collaborator::Collaborator;
use super::collaborators::CollaboratorError;
use super::holder::Holder;
use crate::format::KeyName;

/// Minimum length of a part of a key or an id. Anything shorter is only compared with names.
const SHORTEST_KEY_PART: usize = 8;
/// Minimum length of a part of a key or an id that counts as the whole key.
const TELLING_KEY_PART: usize = 16;

/// How well a text fits a collaborator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// The whole key, or the whole name that a holder has given.
    Whole,
    /// A part of the key, or of the name that a holder has given.
    Part,
    /// The whole name, but somebody without a key may have written it.
    WholeClaim,
    /// A part of a name that somebody without a key may have written.
    PartOfClaim,
}

/// The only collaborator whom a name means.
#[derive(Debug)]
pub(crate) struct NamedCollaborator {
    pub collaborator: Collaborator,
    /// True if the text is only a part of the name, and nobody's whole name.
    pub by_part: bool,
}

/// The only one of `candidates` whom `user` names; with `key`, only those who have that key are considered.
///
/// Whole names take precedence over parts. Names that holders have given take precedence over names that anybody may
/// have written. But if `user` is the whole of such a name and a part of a given one, the result is ambiguous.
pub(crate) fn named(
    candidates: Vec<Collaborator>,
    key: Option<&KeyName>,
    user: &str,
) -> Result<NamedCollaborator, CollaboratorError> {
    let has_key = |candidate: &Collaborator| key.is_none_or(|key| candidate.keys.contains(key));
    let candidates = candidates.into_iter().filter(has_key);
    let fitting = candidates.filter_map(|candidate| Some((candidate.fit(user)?, candidate)));
    let fitting: Vec<(Fit, Collaborator)> = fitting.collect();
    let has = |fit: Fit| fitting.iter().any(|(other, _)| *other == fit);
    let counting: &[Fit] = match () {
        () if has(Fit::Whole) => &[Fit::Whole],
        () if has(Fit::WholeClaim) => &[Fit::WholeClaim, Fit::Part],
        () => &[Fit::Part, Fit::PartOfClaim],
    };
    let by_part = !has(Fit::Whole) && !has(Fit::WholeClaim);
    let counting = fitting
        .into_iter()
        .filter(|(fit, _)| counting.contains(fit));
    let mut found: Vec<Collaborator> = counting.map(|(_, candidate)| candidate).collect();
    match (found.pop(), found.is_empty()) {
        (Some(collaborator), true) => Ok(NamedCollaborator {
            collaborator,
            by_part,
        }),
        (Some(last), false) => Err(CollaboratorError::Ambiguous {
            user: user.to_owned(),
            names: found
                .iter()
                .chain([&last])
                .map(ToString::to_string)
                .collect(),
        }),
        (None, _) => Err(CollaboratorError::NotACollaborator {
            user: user.to_owned(),
            key: key.cloned(),
        }),
    }
}

impl Collaborator {
    fn fit(&self, user: &str) -> Option<Fit> {
        self.fit_of_key(user).or_else(|| self.fit_of_name(user))
    }

    /// Compares with the key: the end of a fingerprint or public key, or the beginning of an id.
    fn fit_of_key(&self, user: &str) -> Option<Fit> {
        let (is_part, length) = match &self.holder {
            Holder::Gpg(fingerprint) => {
                let digits = user.strip_prefix("0x").unwrap_or(user).to_ascii_uppercase();
                (fingerprint.as_str().ends_with(&digits), digits.len())
            }
            Holder::Age(id) => {
                if let Ok(recipient) = AgeRecipient::parse(user) {
                    return (recipient.id() == *id).then_some(Fit::Whole);
                }
                let ends_key = self
                    .recipient
                    .as_ref()
                    .is_some_and(|recipient| recipient.public_key().ends_with(user));
                (ends_key || id.as_str().starts_with(user), user.len())
            }
        };
        match length {
            TELLING_KEY_PART.. if is_part => Some(Fit::Whole),
            SHORTEST_KEY_PART.. if is_part => Some(Fit::Part),
            _ => None,
        }
    }

    /// Compares with the name. For a GPG user id, its name and its address count as whole names, too.
    fn fit_of_name(&self, user: &str) -> Option<Fit> {
        let name = self.recipient.as_ref()?.name()?.to_lowercase();
        let user = user.trim().to_lowercase();
        if user.is_empty() || !name.contains(&user) {
            return None;
        }
        let parts = name
            .strip_suffix('>')
            .filter(|_| self.holder.is_by_gpg())
            .and_then(|name| name.split_once('<'));
        let is_whole = name == user
            || parts.is_some_and(|(before, address)| before.trim() == user || address == user);
        Some(match (is_whole, self.is_name_given) {
            (true, true) => Fit::Whole,
            (false, true) => Fit::Part,
            (true, false) => Fit::WholeClaim,
            (false, false) => Fit::PartOfClaim,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::keyring::people::gpg::{Fingerprint, PublicKey, Usability};
    use crate::keyring::people::recipient::Recipient;

    const AGE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    const SSH: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";
    const GPG: &str = "F6DF181C79D3630000852F30F1FE2DF6C578C21C";

    fn by_age(text: &str, name: &str) -> Collaborator {
        let recipient = AgeRecipient::parse(text).expect("good").named(name);
        of(Recipient::Age(recipient))
    }

    fn by_gpg(user_id: &str) -> Collaborator {
        of(Recipient::Gpg(PublicKey {
            fingerprint: Fingerprint::parse(GPG).expect("good"),
            user_id: user_id.to_owned(),
            expires: None,
            usability: Usability::Usable,
        }))
    }

    fn of(recipient: Recipient) -> Collaborator {
        Collaborator {
            keys: BTreeSet::from([KeyName::default()]),
            ..Collaborator::new(recipient)
        }
    }

    #[test]
    fn whole_names_go_before_parts() {
        let both = || vec![by_age(AGE, "alice"), by_age(SSH, "alice (new laptop)")];
        let found = named(both(), None, "Alice").expect("one of them");
        assert!(!found.by_part);
        assert_eq!(found.collaborator.to_string(), format!("alice {AGE}"));
        let left = vec![by_age(SSH, "alice (new laptop)")];
        assert!(named(left, None, "alice").expect("one").by_part);
        assert!(matches!(
            named(both(), None, "ali"),
            Err(CollaboratorError::Ambiguous { names, .. }) if names.len() == 2
        ));
        assert!(matches!(
            named(both(), None, "bob"),
            Err(CollaboratorError::NotACollaborator { .. })
        ));
        let ops = KeyName::named("ops").expect("good");
        assert!(named(both(), Some(&ops), "alice").is_err());
    }

    #[test]
    fn names_that_holders_have_given_go_before_those_that_anybody_may_have_written() {
        let claimed = |name: &str| Collaborator {
            is_name_given: false,
            ..by_age(SSH, name)
        };
        for (given, claim, found) in [
            ("alice", "alice", Some(AGE)),
            ("alice", "alice (new laptop)", Some(AGE)),
            ("alice (laptop)", "alice", None),
            ("alice (laptop)", "alice (new laptop)", None),
            ("bob", "alice", Some(SSH)),
        ] {
            let named = named(vec![by_age(AGE, given), claimed(claim)], None, "alice");
            match (named, found) {
                (Ok(named), Some(key)) => {
                    assert_eq!(named.collaborator.fit_of_key(key), Some(Fit::Whole));
                    assert!(!named.by_part, "{given}, {claim}");
                }
                (Err(CollaboratorError::Ambiguous { names, .. }), None) => {
                    assert_eq!(names.len(), 2, "{given}, {claim}");
                }
                (other, _) => panic!("{given}, {claim}: {other:?}"),
            }
        }
    }

    #[test]
    fn keys_names_and_addresses_are_whole_and_what_is_within_them_is_a_part() {
        for (collaborator, user, fit) in [
            (by_gpg("Bob <bob@example.org>"), GPG, Some(Fit::Whole)),
            (
                by_gpg("Bob <bob@example.org>"),
                "0xf1fe2df6c578c21c",
                Some(Fit::Whole),
            ),
            (by_gpg("Bob <bob@example.org>"), "C578C21C", Some(Fit::Part)),
            (by_gpg("Bob <bob@example.org>"), "78C21C", None),
            // The prefix is no digit of the key.
            (
                by_gpg("Bob <bob@example.org>"),
                "0xC578C21C",
                Some(Fit::Part),
            ),
            (by_gpg("Bob <bob@example.org>"), "0x78C21C", None),
            (
                by_gpg("Bob <bob@example.org>"),
                "0xFE2DF6C578C21C",
                Some(Fit::Part),
            ),
            (by_gpg("Bob <bob@example.org>"), "bob", Some(Fit::Whole)),
            (
                by_gpg("Bob <bob@example.org>"),
                "BOB@example.org",
                Some(Fit::Whole),
            ),
            (
                by_gpg("Bob <bob@example.org>"),
                "Bob <bob@example.org>",
                Some(Fit::Whole),
            ),
            (by_gpg("Bob <bob@example.org>"), "bob@", Some(Fit::Part)),
            (by_gpg("Bob <bob@example.org>"), "", None),
            (by_age(AGE, "Carol"), AGE, Some(Fit::Whole)),
            (by_age(AGE, "Carol"), "equnujwj", Some(Fit::Part)),
            (by_age(SSH, "Carol"), "UB+VHtZ6isGNUB+VHtZ6isGN", None),
            (
                by_age(SSH, "Carol"),
                "OxfM/XXUB+VHtZ6isGN",
                Some(Fit::Whole),
            ),
            (by_age(SSH, "Carol"), AGE, None),
            (by_age(SSH, "Carol"), "car", Some(Fit::Part)),
        ] {
            assert_eq!(collaborator.fit(user), fit, "{user} {collaborator}");
        }
    }
}
