//! Finds objects with a wanted name whose content can't be verified.

use std::collections::BTreeSet;

use crate::stack::DesiredStack;
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observed::object::SwarmObject;

/// The objects that these stacks want, but that have no label with the blob they were made from. `docker stack deploy` has
/// created them, or has overwritten their labels.
pub(crate) fn unverified<'a>(
    stacks: &[&DesiredStack],
    index: &InventoryIndex<'a>,
) -> Vec<&'a SwarmObject> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for stack in stacks {
        for wanted in &stack.objects {
            let there = index.find(wanted.kind, wanted.name.as_str());
            found.extend(there.filter(|there| {
                there.labels.in_stack(&stack.name)
                    && there.labels.blob().is_none()
                    && seen.insert(&there.id)
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;
    use crate::swarm::observed::inventory::Inventory;
    use crate::swarm::observed::labels::Labels;

    #[test]
    fn only_what_is_wanted_in_the_stack_and_has_no_blob_is_found() {
        let token = examples::secret("token", 1);
        let stack = examples::stack("web", [token.clone(), token.clone()]);
        let ours = examples::held("web", &token, 0);
        let named = |labels: Labels| Inventory {
            objects: vec![SwarmObject {
                labels,
                ..ours.clone()
            }],
            ..Inventory::default()
        };
        let count = |labels: Labels| unverified(&[&stack, &stack], &named(labels).index()).len();
        assert_eq!(count(ours.labels.clone()), 0);
        assert_eq!(count(examples::namespace("web")), 1);
        assert_eq!(count(examples::namespace("shop")), 0, "that is a conflict");
        let other = examples::stack("web", [examples::secret("token", 2)]);
        assert!(unverified(&[&other], &named(examples::namespace("web")).index()).is_empty());
    }
}
