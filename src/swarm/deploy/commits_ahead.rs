//! Finds commits in the Swarm that a deployment would replace by an older one.

use crate::stack::StackName;
use crate::swarm::deploy::difference::DeploymentDifference;
use crate::swarm::objects::plan::Plan;
use crate::swarm::objects::prune::Revision;
use crate::swarm::observed::index::InventoryIndex;

/// Something that runs in the Swarm, would be replaced, and was made from a commit that the revision in hand does not
/// contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitAhead {
    /// The stack.
    pub stack: StackName,
    /// The kind and name of what runs: an object, or the stack.
    pub runs: String,
    /// The id of the commit.
    pub commit: String,
    /// True if this repository has the commit, as on another branch.
    pub is_here: bool,
}

/// The commits that a deployment would replace by an older one, each once. `is_here` says whether the repository has a
/// commit.
pub(crate) fn commits_ahead(
    plan: &Plan,
    difference: &DeploymentDifference,
    index: &InventoryIndex<'_>,
    revision: &dyn Revision,
    is_here: &dyn Fn(&str) -> bool,
) -> Vec<CommitAhead> {
    let mut found: Vec<CommitAhead> = Vec::new();
    let mut add = |runs: String, commit: &str| {
        let is_known = found.iter().any(|known| known.commit == commit);
        if !is_known && !revision.contains(commit) {
            found.push(CommitAhead {
                stack: plan.stack.clone(),
                runs,
                commit: commit.to_owned(),
                is_here: is_here(commit),
            });
        }
    };
    for change in &plan.changes {
        for name in &change.before {
            let object = index.find(change.kind, name);
            let made = object.and_then(|object| object.labels.made_at());
            if let Some(made) = made {
                add(format!("{} {name}", change.kind), made.commit);
            }
        }
    }
    let last = difference.last.as_ref();
    if let Some(commit) = last.and_then(|last| last.commit_id())
        && !(difference.is_input_as_before() && plan.changes.is_empty())
    {
        add(format!("stack {}", plan.stack), commit);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{DesiredService, ObjectKind};
    use crate::swarm::examples;
    use crate::swarm::objects::plan::plan;
    use crate::swarm::observed::inventory::{Inventory, SwarmService};

    /// Contains the commits up to this number.
    struct UpTo(u32);

    impl Revision for UpTo {
        fn contains(&self, commit: &str) -> bool {
            (0..=self.0).any(|number| examples::commit(number) == commit)
        }

        fn is(&self, commit: &str) -> bool {
            examples::commit(self.0) == commit
        }
    }

    #[test]
    fn what_runs_and_would_be_replaced_must_be_from_a_commit_before() {
        let mut running = examples::secret("token", 2);
        running.origin.commit = Some(examples::commit(2));
        let there = examples::held("web", &running, 10);
        let mut desired = examples::stack("web", [examples::secret("token", 1)]);
        desired.services.push(DesiredService {
            name: "app".to_owned(),
            uses: vec![(ObjectKind::Secret, "token".to_owned())],
        });
        let inventory = Inventory {
            services: vec![SwarmService {
                name: "web_app".to_owned(),
                current: vec![examples::reference(&there)],
                ..SwarmService::default()
            }],
            objects: vec![there],
            ..Inventory::default()
        };
        let index = inventory.index();
        let plan = plan(&desired, &index);
        let none = DeploymentDifference::default();
        let ahead = |newest| commits_ahead(&plan, &none, &index, &UpTo(newest), &|_| false);
        assert_eq!(ahead(2), []);
        assert_eq!(
            ahead(1),
            [CommitAhead {
                stack: plan.stack.clone(),
                runs: format!("secret {}", running.name),
                commit: examples::commit(2),
                is_here: false,
            }]
        );
    }
}
