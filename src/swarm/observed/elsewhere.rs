//! Finds stacks in a Swarm that this program deployed and that the repository does not have.

use std::collections::BTreeSet;

use super::inventory::Inventory;
use crate::stack::StackName;

/// The names, sorted, of the stacks that have objects or records of this program and are not `known`.
pub(crate) fn stacks_elsewhere(inventory: &Inventory, known: &[StackName]) -> Vec<String> {
    let objects = inventory.objects.iter();
    let ours = objects.filter(|object| object.labels.key().is_some());
    let of_objects = ours.filter_map(|object| object.labels.stack());
    let records = inventory.records.iter();
    let of_records = records.map(|record| record.stack.as_str());
    let names: BTreeSet<&str> = of_objects.chain(of_records).collect();
    let is_unknown = |name: &&str| !known.iter().any(|known| known.as_str() == *name);
    names
        .into_iter()
        .filter(is_unknown)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;

    #[test]
    fn only_what_this_program_has_made_counts() {
        let entry = examples::secret("token", 1);
        let mut foreign = examples::held("foreign", &entry, 0);
        foreign.labels = examples::namespace("foreign");
        let inventory = Inventory {
            objects: vec![
                examples::held("web", &entry, 0),
                examples::held("gone", &entry, 0),
                foreign,
            ],
            ..Inventory::default()
        };
        let known = [examples::stack_name("web")];
        assert_eq!(stacks_elsewhere(&inventory, &known), ["gone"]);
    }
}
