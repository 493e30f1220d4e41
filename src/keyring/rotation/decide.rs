//! Decides whether a rotation may begin or continue, and which people the user must confirm: a pure function of the facts.

use std::collections::BTreeSet;

use super::facts::{HolderFacts, RotationFacts};
use super::refusal::RotationRefusal;
use crate::keyring::people::Holder;

/// The user's request for a rotation.
#[derive(Debug, Clone, Default)]
pub(crate) struct RotationRequest {
    /// True to finish a rotation that has begun.
    pub continues: bool,
    /// True to commit the result.
    pub commits: bool,
    /// True to not seal the old key for those who have the new one.
    pub no_history: bool,
    /// The people whom the user confirms: public keys, fingerprints or ids.
    pub trusted: BTreeSet<String>,
    /// The ids of those whose names were shown to the user before confirming.
    pub seen: BTreeSet<String>,
}

/// The decision about a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RotationDecision {
    /// Not allowed, for this reason.
    Refuse(RotationRefusal),
    /// The user must confirm these holders first.
    Ask(Vec<Holder>),
    /// Rotate, for all holders.
    Rotate,
}

/// Decides about a rotation.
pub(crate) fn decide(facts: &RotationFacts, request: &RotationRequest) -> RotationDecision {
    use RotationDecision::{Ask, Refuse, Rotate};
    match (facts.underway, request.continues) {
        (true, false) => return Refuse(RotationRefusal::Underway),
        (false, true) => return Refuse(RotationRefusal::NotUnderway),
        (true, true) => {}
        (false, false) if request.commits && facts.anything_staged => {
            return Refuse(RotationRefusal::Staged);
        }
        (false, false) => {}
    }
    if facts.list_was_seen && !facts.list_is_there {
        return Refuse(RotationRefusal::ListGone);
    }
    if !request.continues && !facts.not_wrapped.is_empty() {
        return Refuse(RotationRefusal::NotWrapped(facts.not_wrapped.clone()));
    }
    let unknown = facts
        .holders
        .iter()
        .find(|holder| !holder.can_be_wrapped_for);
    if let Some(unknown) = unknown {
        return Refuse(RotationRefusal::UnknownRecipient(unknown.holder.clone()));
    }
    let called: BTreeSet<String> = facts.holders.iter().flat_map(HolderFacts::called).collect();
    let unmatched = request
        .trusted
        .iter()
        .find(|id| !called.contains(&whole_id(id)));
    if let Some(unmatched) = unmatched {
        return Refuse(RotationRefusal::NobodyToTrust(unmatched.clone()));
    }
    let trusted: BTreeSet<String> = request.trusted.iter().map(|id| whole_id(id)).collect();
    let is_trusted = |holder: &HolderFacts| {
        holder.accepted || holder.called().any(|called| trusted.contains(&called))
    };
    let strangers = facts.holders.iter().filter(|holder| !is_trusted(holder));
    let strangers: Vec<Holder> = strangers.map(|facts| facts.holder.clone()).collect();
    if strangers.is_empty() {
        Rotate
    } else {
        Ask(strangers)
    }
}

impl HolderFacts {
    /// The texts by which a user may name this holder: the complete public key, fingerprint or id.
    fn called(&self) -> impl Iterator<Item = String> {
        let text = self.text.as_ref().map(|text| text.as_str().to_owned());
        text.into_iter().chain([whole_id(self.holder.id())])
    }
}

/// An id in the form in which ids are compared: hexadecimal digits in lower case without `0x`, other text as it is.
fn whole_id(id: &str) -> String {
    let id = id.trim();
    let digits = id.strip_prefix("0x").unwrap_or(id);
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        digits.to_ascii_lowercase()
    } else {
        id.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::trust::HolderText;

    fn holder(name: &str, accepted: bool) -> HolderFacts {
        let text = HolderText::of_age(&format!("age1{name}")).expect("good");
        HolderFacts {
            holder: text.holder(),
            text: Some(text),
            shown: name.to_owned(),
            can_be_wrapped_for: true,
            accepted,
            attested: true,
            removed: None,
            origin: None,
        }
    }

    fn facts(holders: Vec<HolderFacts>) -> RotationFacts {
        RotationFacts {
            underway: false,
            anything_staged: false,
            holders,
            gone: Vec::new(),
            not_wrapped: Vec::new(),
            history_is_cut: false,
            list_was_seen: true,
            list_is_there: true,
        }
    }

    fn trusting(ids: &[&str]) -> RotationRequest {
        RotationRequest {
            trusted: ids.iter().map(ToString::to_string).collect(),
            ..RotationRequest::default()
        }
    }

    #[test]
    fn who_was_accepted_is_not_asked_about_and_everybody_else_is_attested_or_not() {
        let friend = holder("friend", true);
        let mut git_crypt = holder("gitcrypt", false);
        git_crypt.attested = false;
        let stranger = holder("stranger", false);
        for (holders, asked) in [
            (vec![], vec![]),
            (vec![&friend], vec![]),
            (vec![&friend, &stranger], vec![&stranger]),
            (vec![&git_crypt, &stranger], vec![&git_crypt, &stranger]),
        ] {
            let asked: Vec<Holder> = asked
                .into_iter()
                .map(|facts| facts.holder.clone())
                .collect();
            let expected = if asked.is_empty() {
                RotationDecision::Rotate
            } else {
                RotationDecision::Ask(asked)
            };
            let facts = facts(holders.into_iter().cloned().collect());
            assert_eq!(decide(&facts, &trusting(&[])), expected);
        }
    }

    #[test]
    fn trust_is_given_by_the_whole_key_or_id_only() {
        let stranger = holder("stranger", false);
        let other = holder("other", false);
        let both = facts(vec![stranger.clone(), other.clone()]);
        let id = stranger.holder.id().to_owned();
        for trusted in ["age1stranger", &id] {
            let asked = RotationDecision::Ask(vec![other.holder.clone()]);
            assert_eq!(decide(&both, &trusting(&[trusted])), asked);
            let all = trusting(&[trusted, "age1other"]);
            assert_eq!(decide(&both, &all), RotationDecision::Rotate);
        }
        for wrong in ["stranger", "age1strange", &id[..39], "age1nobody", ""] {
            let refused = RotationRefusal::NobodyToTrust(wrong.to_owned());
            let decided = decide(&both, &trusting(&[wrong, "age1other"]));
            assert_eq!(decided, RotationDecision::Refuse(refused));
        }
    }

    #[test]
    fn what_stops_a_rotation_before_anybody_is_asked() {
        let stranger = || vec![holder("stranger", false)];
        let mut unknown = facts(stranger());
        unknown.holders[0].can_be_wrapped_for = false;
        let of_unknown = RotationRefusal::UnknownRecipient(unknown.holders[0].holder.clone());
        let started = RotationRequest::default();
        let committing = RotationRequest {
            commits: true,
            ..RotationRequest::default()
        };
        let continuing = RotationRequest {
            continues: true,
            commits: true,
            ..RotationRequest::default()
        };
        let underway = || RotationFacts {
            underway: true,
            anything_staged: true,
            ..facts(stranger())
        };
        let staged = RotationFacts {
            anything_staged: true,
            ..facts(stranger())
        };
        let without_list = RotationFacts {
            list_is_there: false,
            ..facts(stranger())
        };
        let taken_away = || vec!["alice".to_owned()];
        let not_wrapped = RotationFacts {
            not_wrapped: taken_away(),
            ..facts(stranger())
        };
        for (facts, request, refusal) in [
            (
                not_wrapped,
                &started,
                RotationRefusal::NotWrapped(taken_away()),
            ),
            (underway(), &started, RotationRefusal::Underway),
            (facts(stranger()), &continuing, RotationRefusal::NotUnderway),
            (staged, &committing, RotationRefusal::Staged),
            (without_list, &started, RotationRefusal::ListGone),
            (unknown, &started, of_unknown),
        ] {
            let decided = decide(&facts, request);
            assert_eq!(decided, RotationDecision::Refuse(refusal));
        }
        // A continued rotation has staged changes itself. It asks about people who were added meanwhile.
        let asked = RotationDecision::Ask(vec![holder("stranger", false).holder]);
        assert_eq!(decide(&underway(), &continuing), asked);
        // An old repository has no list of holders, and this clone has never seen one.
        let old = RotationFacts {
            list_was_seen: false,
            list_is_there: false,
            ..facts(vec![holder("friend", true)])
        };
        assert_eq!(decide(&old, &started), RotationDecision::Rotate);
    }
}
