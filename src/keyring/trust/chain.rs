//! The way from one key to a later one, by statements alone. The keys in between are not needed.

use std::collections::BTreeSet;

use super::succession_statement::SuccessionStatement;
use crate::format::KeyId;

/// Where the succession statements of a key lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chain {
    /// To the requested key. These are the ids on the way, including both ends.
    Leads(Vec<KeyId>),
    /// Several keys claim to follow the same key, and nobody can tell which is right.
    Fork {
        /// The key that they claim to follow.
        at: KeyId,
        /// The keys that claim it; more than one.
        successors: Vec<KeyId>,
    },
    /// Not to the requested key.
    Elsewhere,
}

/// Follows `statements` from one key to another. Their signatures have been verified.
///
/// A fork on the way is a failure, even if one of its branches arrives: everybody who had the old key, even a removed
/// collaborator, can have signed the other branch.
pub(crate) fn chain(statements: &[SuccessionStatement], from: KeyId, to: KeyId) -> Chain {
    let mut ids = vec![from];
    let mut at = from;
    while at != to {
        let successors = successors(statements, at);
        let mut next = successors.iter();
        match (next.next(), next.next()) {
            (Some(successor), None) if !ids.contains(successor) => {
                at = *successor;
                ids.push(at);
            }
            (Some(_), Some(_)) => {
                let successors = successors.into_iter().collect();
                return Chain::Fork { at, successors };
            }
            _ => return Chain::Elsewhere,
        }
    }
    Chain::Leads(ids)
}

/// The keys that follow `id` according to `statements`.
pub(crate) fn successors(statements: &[SuccessionStatement], id: KeyId) -> BTreeSet<KeyId> {
    let theirs = statements.iter().filter(|statement| statement.from == id);
    theirs.map(|statement| statement.to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::id;
    use crate::keyring::trust::examples::follows;

    #[test]
    fn one_two_and_five_rotations_are_followed_in_any_order_of_the_statements() {
        let all: Vec<_> = [5, 3, 1, 4, 2].map(|from| follows(from, from + 1)).into();
        for steps in [0, 1, 2, 5] {
            let ids = (1..=1 + steps).map(id).collect();
            assert_eq!(chain(&all, id(1), id(1 + steps)), Chain::Leads(ids));
        }
        assert_eq!(chain(&all, id(1), id(9)), Chain::Elsewhere);
        assert_eq!(chain(&all, id(3), id(1)), Chain::Elsewhere);
        assert_eq!(chain(&[], id(1), id(2)), Chain::Elsewhere);
    }

    #[test]
    fn a_gap_is_not_jumped_over() {
        let all = [follows(1, 2), follows(3, 4)];
        assert_eq!(chain(&all, id(1), id(4)), Chain::Elsewhere);
    }

    #[test]
    fn a_fork_on_the_way_is_never_followed_even_where_one_branch_arrives() {
        let all = [follows(1, 2), follows(2, 3), follows(2, 7)];
        let mut successors = vec![id(3), id(7)];
        successors.sort();
        let fork = Chain::Fork {
            at: id(2),
            successors,
        };
        assert_eq!(chain(&all, id(1), id(3)), fork);
        assert_eq!(chain(&all, id(1), id(9)), fork);
        // A fork after the requested key does not matter.
        assert_eq!(chain(&all, id(1), id(2)), Chain::Leads(vec![id(1), id(2)]));
    }

    #[test]
    fn the_same_statement_twice_is_no_fork_and_a_circle_ends() {
        let twice = [follows(1, 2), follows(1, 2)];
        assert_eq!(
            chain(&twice, id(1), id(2)),
            Chain::Leads(vec![id(1), id(2)])
        );
        let circle = [follows(1, 2), follows(2, 1)];
        assert_eq!(chain(&circle, id(1), id(9)), Chain::Elsewhere);
    }
}
