//! Which statements about holders count.

use std::collections::BTreeMap;

use super::holder_statement::{HolderStatement, HolderText};
use super::since::Since;
use crate::format::KeyId;

/// The holders whom the key `id` attests: those statements of `present` that are later than every removal of their
/// holder in `present`, `ever` and `remembered`.
///
/// `present` is what is committed now, `ever` is what history has, and `remembered` has the latest removals that this
/// clone has seen. Therefore it is useless to push the statement of a removed holder again. Statements signed by other
/// keys are ignored, since people who once had an earlier key can still sign with it.
pub(crate) fn attested<'statement>(
    id: KeyId,
    present: &'statement [HolderStatement],
    ever: &[HolderStatement],
    remembered: &BTreeMap<HolderText, Since>,
) -> Vec<&'statement HolderStatement> {
    let removals = latest_removals(id, ever.iter().chain(present), remembered);
    let counts = |statement: &&HolderStatement| {
        let removed = removals.get(&statement.holder);
        statement.key_id == id
            && !statement.is_removal
            && removed.is_none_or(|removed| *removed < statement.since)
    };
    present.iter().filter(counts).collect()
}

/// For each holder, the moment of the last removal signed by the key `id`.
pub(crate) fn latest_removals<'statement>(
    id: KeyId,
    statements: impl Iterator<Item = &'statement HolderStatement>,
    remembered: &BTreeMap<HolderText, Since>,
) -> BTreeMap<HolderText, Since> {
    let mut removals = remembered.clone();
    for removal in statements.filter(|statement| statement.is_removal && statement.key_id == id) {
        let latest = removals
            .entry(removal.holder.clone())
            .or_insert(removal.since);
        *latest = removal.since.max(*latest);
    }
    removals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::key;
    use crate::keyring::trust::examples::since;

    fn holder(name: &str) -> HolderText {
        HolderText::of_age(&format!("age1{name}")).expect("a recipient")
    }

    fn statement(is_removal: bool, seed: u8, name: &str, at: i64) -> HolderStatement {
        HolderStatement::sign(
            is_removal,
            &key("default", seed),
            holder(name),
            Some(name),
            since(at),
        )
    }

    fn names(
        present: &[HolderStatement],
        ever: &[HolderStatement],
        remembered: &[(&str, i64)],
    ) -> Vec<String> {
        let id = KeyId::of(&key("default", 1));
        let remembered = remembered
            .iter()
            .map(|(name, at)| (holder(name), since(*at)));
        let counting = attested(id, present, ever, &remembered.collect());
        counting
            .iter()
            .filter_map(|statement| statement.name.clone())
            .collect()
    }

    #[test]
    fn a_holder_counts_until_removed_and_again_when_added_later() {
        let added = statement(false, 1, "bob", 0);
        let removed = statement(true, 1, "bob", 5);
        let again = statement(false, 1, "bob", 6);
        assert_eq!(names(std::slice::from_ref(&added), &[], &[]), ["bob"]);
        assert!(
            names(
                std::slice::from_ref(&removed),
                std::slice::from_ref(&added),
                &[]
            )
            .is_empty()
        );
        assert_eq!(names(&[again], &[added, removed], &[]), ["bob"]);
    }

    #[test]
    fn a_statement_that_is_put_back_does_not_count() {
        let added = [statement(false, 1, "bob", 0)];
        let removed = [statement(true, 1, "bob", 5)];
        // History has the removal; or history is cut off, and the clone remembers it.
        assert!(names(&added, &removed, &[]).is_empty());
        assert!(names(&added, &[], &[("bob", 5)]).is_empty());
        // At the same moment, the removal wins.
        assert!(names(&added, &[statement(true, 1, "bob", 0)], &[]).is_empty());
        // An earlier removal does not undo a later one.
        let between = [statement(false, 1, "bob", 3)];
        assert!(names(&between, &[statement(true, 1, "bob", 1)], &[("bob", 5)]).is_empty());
    }

    #[test]
    fn another_key_attests_nobody_and_removes_nobody() {
        assert!(names(&[statement(false, 2, "mallory", 0)], &[], &[]).is_empty());
        let bob = [statement(false, 1, "bob", 0)];
        assert_eq!(names(&bob, &[statement(true, 2, "bob", 9)], &[]), ["bob"]);
    }

    #[test]
    fn a_removal_is_of_one_holder() {
        let both = [
            statement(false, 1, "alice", 0),
            statement(false, 1, "bob", 0),
        ];
        assert_eq!(
            names(&both, &[statement(true, 1, "bob", 1)], &[]),
            ["alice"]
        );
    }
}
