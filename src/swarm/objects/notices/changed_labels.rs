//! Finds objects whose entries have other labels now. An object in a Swarm keeps the labels that it was created with.

use std::collections::HashSet;

use crate::stack::DesiredStack;
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observed::object::SwarmObject;

/// The objects that these stacks want and that were created with other labels than their entries have now.
pub(crate) fn changed_labels<'a>(
    stacks: &[&DesiredStack],
    index: &InventoryIndex<'a>,
) -> Vec<&'a SwarmObject> {
    let mut found: Vec<&SwarmObject> = Vec::new();
    let mut seen = HashSet::new();
    for stack in stacks {
        for wanted in &stack.objects {
            let there = index.find(wanted.kind, wanted.name.as_str());
            let of_this_stack = there.filter(|there| {
                there.labels.in_stack(&stack.name) && there.labels.blob().is_some()
            });
            let differs =
                of_this_stack.filter(|there| !there.labels.user_labels_equal(&wanted.labels));
            found.extend(differs.filter(|there| seen.insert(&there.id)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;
    use crate::swarm::observed::inventory::Inventory;

    #[test]
    fn only_labels_of_the_user_s_own_count() {
        let mut entry = examples::secret("token", 1);
        let mut inventory = Inventory {
            objects: vec![examples::held("web", &entry, 0)],
            ..Inventory::default()
        };
        entry.origin.commit = Some(examples::commit(2));
        let changed = |inventory: &Inventory, entry: &crate::stack::StackObject| {
            let stack = examples::stack("web", [entry.clone()]);
            changed_labels(&[&stack], &inventory.index()).len()
        };
        assert_eq!(changed(&inventory, &entry), 0);
        entry.labels.insert("team".to_owned(), "edge".to_owned());
        assert_eq!(changed(&inventory, &entry), 1);
        inventory.objects = vec![examples::held("web", &entry, 0)];
        assert_eq!(changed(&inventory, &entry), 0);
        entry.labels.clear();
        assert_eq!(changed(&inventory, &entry), 1);
    }
}
