//! Decides with which key a repository is unlocked: a pure function of the facts.
//!
//! Anybody can wrap a key of their own for people whose public keys are known, and push it with files encrypted with
//! it. A key from the repository therefore counts only in two cases: it is the key that this clone knows; or it follows
//! that key by statements signed with both keys, and the user agrees. The user is asked because everybody who ever had
//! the key can sign, even a removed collaborator.

use std::collections::BTreeSet;

use super::facts::{Consent, Facts, KeyOrigin, Offer};
use super::not_opened::NotOpened;
use crate::format::KeyId;
use crate::keyring::trust::{Chain, chain, successors};

/// The decision about the keys of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Unlock with a key.
    Open {
        /// The index of the key in the list of offers.
        offer: usize,
        /// The ids from the known key to this one, including both; empty if it follows none.
        follows: Vec<KeyId>,
        /// Why another key is not used.
        left_out: Option<NotOpened>,
    },
    /// Ask the user whether to follow a rotation, then decide again.
    Ask {
        /// The ids from the known key to the one that would replace it, including both.
        follows: Vec<KeyId>,
    },
    /// Unlock with no key, for this reason.
    Refuse(NotOpened),
}

/// Decides which key to unlock with. `None` if there is no key to decide about.
pub(crate) fn decide(facts: &Facts) -> Option<Decision> {
    let first = facts.offers.first()?;
    let allowed = |offer: &Offer| facts.pinned.is_empty() || facts.pinned.contains(&offer.id);
    let by_hand = |offer: &Offer| offer.origin == KeyOrigin::ByHand;
    if let Some(given) = facts.offers.iter().position(by_hand) {
        let offer = &facts.offers[given];
        return Some(match facts.pinned.first().filter(|_| !allowed(offer)) {
            Some(pinned) => not_pinned(offer, *pinned),
            None => decide_by_hand(facts, given),
        });
    }
    let chosen = facts.offers.iter().enumerate();
    let offers: Vec<(usize, &Offer)> = chosen.filter(|(_, offer)| allowed(offer)).collect();
    if offers.is_empty() {
        return facts
            .pinned
            .first()
            .map(|pinned| not_pinned(first, *pinned));
    }
    match facts.known {
        Some(known) => Some(decide_known(facts, known, &offers)),
        None => decide_first_use(facts, &offers),
    }
}

fn not_pinned(offer: &Offer, pinned: KeyId) -> Decision {
    let offered = offer.id;
    Decision::Refuse(NotOpened::NotPinned { offered, pinned })
}

fn decide_by_hand(facts: &Facts, given: usize) -> Decision {
    let offer = &facts.offers[given];
    let offered = offer.id;
    let known = facts.known.filter(|known| *known != offered);
    if known.is_some() && facts.former.contains(&offered) {
        return Decision::Refuse(NotOpened::Retired { offered });
    }
    if is_proven(facts, offer) {
        return open(given, known.map(|known| vec![known, offered]));
    }
    if facts.files == 0 {
        return match known.filter(|_| !facts.new_key) {
            Some(known) => Decision::Refuse(NotOpened::NothingTells { known, offered }),
            None => open(given, known.map(|known| vec![known, offered])),
        };
    }
    let next = successors(&facts.successions, offered).into_iter().next();
    Decision::Refuse(match next {
        Some(next) => NotOpened::RotatedOut { offered, next },
        None => NotOpened::WrongKey { offered },
    })
}

/// Decides about wrapped and stored keys in a clone that knows a key.
fn decide_known(facts: &Facts, known: KeyId, offers: &[(usize, &Offer)]) -> Decision {
    let in_hand = offers.iter().find(|(_, offer)| offer.id == known);
    let opens_here =
        |offer: &Offer| facts.files == 0 || offer.opens > 0 || facts.opened_by_former > 0;
    let usable = in_hand.filter(|(_, offer)| opens_here(offer));
    let others = offers.iter().filter(|(_, offer)| {
        let counts = is_proven(facts, offer) || facts.files == 0;
        offer.id != known && !facts.former.contains(&offer.id) && counts
    });
    let others: Vec<&(usize, &Offer)> = others.collect();
    let mut left_out = None;
    for (place, offer) in &others {
        let offered = offer.id;
        let reason = match chain(&facts.successions, known, offered) {
            Chain::Leads(follows) => match facts.rotation {
                Consent::Given => return open(*place, Some(follows)),
                Consent::Unasked => return Decision::Ask { follows },
                Consent::Withheld => NotOpened::NotAccepted { known, offered },
            },
            Chain::Fork { at, successors } => NotOpened::Fork { at, successors },
            Chain::Elsewhere if facts.new_key => {
                let ids: BTreeSet<KeyId> = others.iter().map(|(_, offer)| offer.id).collect();
                if ids.len() > 1 {
                    let ids = ids.into_iter().collect();
                    return Decision::Refuse(NotOpened::Several { ids });
                }
                return open(*place, Some(vec![known, offered]));
            }
            Chain::Elsewhere => NotOpened::Unproven { known, offered },
        };
        left_out.get_or_insert(reason);
    }
    if let Some((offer, _)) = usable {
        return Decision::Open {
            offer: *offer,
            follows: Vec::new(),
            left_out,
        };
    }
    Decision::Refuse(left_out.unwrap_or_else(|| match (in_hand, offers.first()) {
        (None, Some((_, offer))) => opens_nothing(facts, offer),
        _ if successors(&facts.successions, known).is_empty() => {
            NotOpened::WrongKey { offered: known }
        }
        _ => NotOpened::RotatedAway { known },
    }))
}

/// Trust on first use: the key that opens most files here. Of equal keys, one that is only in a commit about to be
/// pulled comes last.
fn decide_first_use(facts: &Facts, offers: &[(usize, &Offer)]) -> Option<Decision> {
    let is_here = |offer: &Offer| offer.origin != KeyOrigin::Incoming;
    let best = |(place, offer): &&(usize, &Offer)| {
        (offer.opens, is_here(offer), std::cmp::Reverse(*place))
    };
    let (place, offer) = offers.iter().max_by_key(best)?;
    if facts.files == 0 || is_proven(facts, offer) {
        return Some(open(*place, None));
    }
    Some(Decision::Refuse(opens_nothing(facts, offer)))
}

/// Why a key that was not given by hand opens no file. If a branch that added a holder was merged with one that rotated
/// the key, only a retired key is wrapped for that holder.
fn opens_nothing(facts: &Facts, offer: &Offer) -> NotOpened {
    let offered = offer.id;
    let is_followed = !successors(&facts.successions, offered).is_empty();
    if is_followed || facts.former.contains(&offered) {
        NotOpened::RetiredOnly { offered }
    } else {
        NotOpened::WrongKey { offered }
    }
}

/// True if a file shows that this is a key of the repository.
fn is_proven(facts: &Facts, offer: &Offer) -> bool {
    let keeps_former = offer.origin == KeyOrigin::Stored || facts.known == Some(offer.id);
    offer.opens > 0 || offer.opens_elsewhere || (keeps_former && facts.opened_by_former > 0)
}

fn open(offer: usize, follows: Option<Vec<KeyId>>) -> Decision {
    Decision::Open {
        offer,
        follows: follows.unwrap_or_default(),
        left_out: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::KeyName;
    use crate::format::examples::id;
    use crate::keyring::trust::examples::follows;

    fn offer(seed: u8, origin: KeyOrigin, opens: usize) -> Offer {
        Offer {
            id: id(seed),
            origin,
            opens,
            opens_elsewhere: false,
        }
    }

    /// A key that opens no file here, but one in a commit that is about to be pulled.
    fn ahead(seed: u8, origin: KeyOrigin) -> Offer {
        Offer {
            opens_elsewhere: true,
            ..offer(seed, origin, 0)
        }
    }

    /// A clone that knows key 1, which opens five files.
    fn knows(offers: Vec<Offer>) -> Facts {
        Facts {
            name: KeyName::default(),
            known: Some(id(1)),
            former: BTreeSet::new(),
            files: 5,
            opened_by_former: 0,
            offers,
            successions: Vec::new(),
            pinned: Vec::new(),
            new_key: false,
            rotation: Consent::Withheld,
        }
    }

    /// A clone that knows no key.
    fn fresh(offers: Vec<Offer>) -> Facts {
        Facts {
            known: None,
            ..knows(offers)
        }
    }

    fn opens(offer: usize) -> Option<Decision> {
        Some(open(offer, None))
    }

    fn opens_after(offer: usize, seeds: &[u8]) -> Option<Decision> {
        Some(open(
            offer,
            Some(seeds.iter().map(|seed| id(*seed)).collect()),
        ))
    }

    fn opens_leaving(offer: usize, left_out: NotOpened) -> Option<Decision> {
        Some(Decision::Open {
            offer,
            follows: Vec::new(),
            left_out: Some(left_out),
        })
    }

    fn refuses(why: NotOpened) -> Option<Decision> {
        Some(Decision::Refuse(why))
    }

    use KeyOrigin::{ByHand, Incoming, Stored, Wrapped};

    #[test]
    fn a_fresh_clone_trusts_the_key_that_opens_its_files() {
        assert_eq!(decide(&fresh(vec![offer(1, Wrapped, 5)])), opens(0));
        assert_eq!(decide(&fresh(vec![offer(1, ByHand, 5)])), opens(0));
        let both = vec![offer(2, Incoming, 0), offer(1, Wrapped, 5)];
        assert_eq!(decide(&fresh(both)), opens(1));
        let wrong = NotOpened::WrongKey { offered: id(1) };
        assert_eq!(
            decide(&fresh(vec![offer(1, Wrapped, 0)])),
            refuses(wrong.clone())
        );
        assert_eq!(decide(&fresh(vec![offer(1, ByHand, 0)])), refuses(wrong));
        assert_eq!(decide(&fresh(Vec::new())), None);
    }

    #[test]
    fn without_files_a_fresh_clone_takes_what_it_is_given() {
        for origin in [Wrapped, ByHand, Stored] {
            let facts = Facts {
                files: 0,
                ..fresh(vec![offer(1, origin, 0)])
            };
            assert_eq!(decide(&facts), opens(0));
        }
    }

    #[test]
    fn what_leads_to_the_known_key_is_opened_whoever_wrapped_it() {
        for origin in [Wrapped, Incoming, Stored, ByHand] {
            assert_eq!(decide(&knows(vec![offer(1, origin, 5)])), opens(0));
        }
    }

    /// An attacker wraps a key of their own for the user, and pushes it with files that it encrypts.
    #[test]
    fn a_foreign_key_that_was_pushed_takes_no_place() {
        let (known, offered) = (id(1), id(3));
        let unproven = NotOpened::Unproven { known, offered };
        // The attacker's files are about to be pulled; the clone is unlocked.
        let fetched = knows(vec![ahead(3, Incoming), offer(1, Stored, 5)]);
        assert_eq!(decide(&fetched), opens_leaving(1, unproven.clone()));
        // The attacker's files have been pulled; the clone is locked.
        let pulled = knows(vec![offer(3, Wrapped, 5)]);
        assert_eq!(decide(&pulled), refuses(unproven.clone()));
        // Agreeing to rotations does not mean agreeing to this key.
        let agreed = Facts {
            rotation: Consent::Given,
            ..pulled.clone()
        };
        assert_eq!(decide(&agreed), refuses(unproven.clone()));
        // A statement that it follows some other key, or that the known key follows it, changes nothing.
        for forged in [follows(9, 3), follows(3, 1)] {
            let facts = Facts {
                successions: vec![forged],
                ..agreed.clone()
            };
            assert_eq!(decide(&facts), refuses(unproven.clone()));
        }
        // Without files, no file can prove the key, either.
        let empty = Facts {
            files: 0,
            ..knows(vec![offer(3, Wrapped, 0), offer(1, Stored, 0)])
        };
        assert_eq!(decide(&empty), opens_leaving(1, unproven));
        // A key that opens nothing anywhere is not mentioned.
        let junk = knows(vec![offer(3, Incoming, 0), offer(1, Stored, 5)]);
        assert_eq!(decide(&junk), opens(1));
        // The user takes the key without proof.
        let facts = Facts {
            new_key: true,
            ..pulled
        };
        assert_eq!(decide(&facts), opens_after(0, &[1, 3]));
    }

    #[test]
    fn of_several_new_keys_none_is_guessed() {
        let facts = Facts {
            new_key: true,
            ..knows(vec![offer(3, Wrapped, 5), ahead(4, Incoming)])
        };
        assert!(matches!(
            decide(&facts),
            Some(Decision::Refuse(NotOpened::Several { .. }))
        ));
        let pinned = Facts {
            pinned: vec![id(3)],
            ..facts
        };
        assert_eq!(decide(&pinned), opens_after(0, &[1, 3]));
    }

    #[test]
    fn a_rotation_is_followed_with_proof_and_consent() {
        for rotations in [1, 2, 5] {
            let successions: Vec<_> = (1..=rotations)
                .map(|from| follows(from, from + 1))
                .collect();
            let chain: Vec<u8> = (1..=1 + rotations).collect();
            for offers in [
                vec![offer(1 + rotations, Wrapped, 5)],
                vec![ahead(1 + rotations, Incoming), offer(1, Stored, 5)],
            ] {
                let facts = Facts {
                    successions: successions.clone(),
                    ..knows(offers)
                };
                let given = Facts {
                    rotation: Consent::Given,
                    ..facts.clone()
                };
                assert_eq!(decide(&given), opens_after(0, &chain));
                let unasked = Facts {
                    rotation: Consent::Unasked,
                    ..facts.clone()
                };
                let ids = chain.iter().map(|seed| id(*seed)).collect();
                assert_eq!(decide(&unasked), Some(Decision::Ask { follows: ids }));
                let (known, offered) = (id(1), id(1 + rotations));
                let not_accepted = NotOpened::NotAccepted { known, offered };
                let expected = match facts.offers.len() {
                    1 => refuses(not_accepted),
                    _ => opens_leaving(1, not_accepted),
                };
                assert_eq!(decide(&facts), expected);
            }
        }
    }

    #[test]
    fn a_fork_is_never_followed_and_a_key_by_hand_decides() {
        let mut forked = Facts {
            successions: vec![follows(1, 2), follows(1, 3)],
            rotation: Consent::Given,
            new_key: true,
            ..knows(vec![offer(2, Wrapped, 5)])
        };
        let mut successors = vec![id(2), id(3)];
        successors.sort();
        let fork = NotOpened::Fork {
            at: id(1),
            successors,
        };
        assert_eq!(decide(&forked), refuses(fork.clone()));
        forked.offers.push(offer(1, Stored, 1));
        assert_eq!(decide(&forked), opens_leaving(1, fork));
        forked.offers.push(offer(2, ByHand, 5));
        assert_eq!(decide(&forked), opens_after(2, &[1, 2]));
    }

    #[test]
    fn a_key_by_hand_needs_files_that_it_opens() {
        assert_eq!(
            decide(&knows(vec![offer(2, ByHand, 5)])),
            opens_after(0, &[1, 2])
        );
        assert_eq!(
            decide(&knows(vec![ahead(2, ByHand)])),
            opens_after(0, &[1, 2])
        );
        let wrong = NotOpened::WrongKey { offered: id(2) };
        assert_eq!(decide(&knows(vec![offer(2, ByHand, 0)])), refuses(wrong));
        let empty = Facts {
            files: 0,
            ..knows(vec![offer(2, ByHand, 0)])
        };
        let nothing = NotOpened::NothingTells {
            known: id(1),
            offered: id(2),
        };
        assert_eq!(decide(&empty), refuses(nothing));
        let new_key = Facts {
            new_key: true,
            ..empty
        };
        assert_eq!(decide(&new_key), opens_after(0, &[1, 2]));
    }

    #[test]
    fn a_key_that_was_rotated_out_does_not_come_back() {
        let former = BTreeSet::from([id(7)]);
        let by_hand = Facts {
            former: former.clone(),
            ..knows(vec![offer(7, ByHand, 5)])
        };
        assert_eq!(
            decide(&by_hand),
            refuses(NotOpened::Retired { offered: id(7) })
        );
        // A branch that added a holder was merged with one that rotated.
        let wrapped = Facts {
            former: former.clone(),
            ..knows(vec![offer(7, Wrapped, 0)])
        };
        assert_eq!(
            decide(&wrapped),
            refuses(NotOpened::RetiredOnly { offered: id(7) })
        );
        let stored = Facts {
            former,
            ..knows(vec![offer(7, Wrapped, 1), offer(1, Stored, 4)])
        };
        assert_eq!(decide(&stored), opens(1));
        // A fresh clone learns it from the statements, as does a clone that knows the newest key but has no files of it yet.
        let newcomer = Facts {
            successions: vec![follows(7, 1)],
            ..fresh(vec![offer(7, Wrapped, 0)])
        };
        let retired_only = NotOpened::RetiredOnly { offered: id(7) };
        assert_eq!(decide(&newcomer), refuses(retired_only.clone()));
        let without_memory_of_it = Facts {
            successions: vec![follows(7, 1)],
            ..knows(vec![offer(7, Wrapped, 0)])
        };
        assert_eq!(decide(&without_memory_of_it), refuses(retired_only));
        let export = Facts {
            successions: vec![follows(7, 1)],
            ..fresh(vec![offer(7, ByHand, 0)])
        };
        let rotated = NotOpened::RotatedOut {
            offered: id(7),
            next: id(1),
        };
        assert_eq!(decide(&export), refuses(rotated));
    }

    /// A CI system that keeps its work tree still has the old key after a rotation.
    #[test]
    fn the_old_key_alone_does_not_open_what_was_rotated() {
        let facts = knows(vec![offer(1, Stored, 0)]);
        assert_eq!(
            decide(&facts),
            refuses(NotOpened::WrongKey { offered: id(1) })
        );
        let told = Facts {
            successions: vec![follows(1, 2)],
            ..facts
        };
        assert_eq!(
            decide(&told),
            refuses(NotOpened::RotatedAway { known: id(1) })
        );
        // A branch with old files changes nothing.
        let branch = Facts {
            offers: vec![ahead(1, Stored)],
            ..told
        };
        assert_eq!(
            decide(&branch),
            refuses(NotOpened::RotatedAway { known: id(1) })
        );
        // If all files are opened by a retired key, nothing is wrong: the rotation is not pulled yet.
        let kept = Facts {
            opened_by_former: 5,
            ..knows(vec![offer(1, Stored, 0)])
        };
        assert_eq!(decide(&kept), opens(0));
    }

    #[test]
    fn a_pinned_id_is_the_only_one() {
        let pin = |facts: Facts, seed| Facts {
            pinned: vec![id(seed)],
            ..facts
        };
        for origin in [Wrapped, ByHand] {
            assert_eq!(decide(&pin(fresh(vec![offer(1, origin, 5)]), 1)), opens(0));
            let other = NotOpened::NotPinned {
                offered: id(1),
                pinned: id(2),
            };
            assert_eq!(
                decide(&pin(fresh(vec![offer(1, origin, 5)]), 2)),
                refuses(other.clone())
            );
            assert_eq!(
                decide(&pin(knows(vec![offer(1, origin, 5)]), 2)),
                refuses(other)
            );
        }
        // A pinned id says which key is meant. It does not agree to a rotation.
        let facts = pin(knows(vec![offer(3, Wrapped, 5)]), 3);
        let unproven = NotOpened::Unproven {
            known: id(1),
            offered: id(3),
        };
        assert_eq!(decide(&facts), refuses(unproven));
    }
}
