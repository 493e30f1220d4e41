//! Chooses objects in a Swarm that belong to no stack of the repository: objects of removed stacks, and objects of other
//! tools.

use super::prune::{Policy, Standing, WantedNames, standing};
use crate::stack::{DesiredStack, StackName};
use crate::swarm::observed::inventory::Inventory;
use crate::swarm::observed::object::SwarmObject;
use crate::swarm::observed::record::DeploymentRecord;

/// The objects and records of stacks that are not `known`. They are unused and unwanted, and were made from a commit of this
/// repository: objects of another repository's stacks must stay.
pub(crate) fn gone_objects(
    inventory: &Inventory,
    known: &[StackName],
    stacks: &[DesiredStack],
    policy: &Policy<'_>,
) -> Vec<SwarmObject> {
    let index = inventory.index();
    let wanted = WantedNames::of(stacks);
    let is_known = |object: &SwarmObject| known.iter().any(|stack| object.labels.in_stack(stack));
    let objects = inventory.objects.iter().filter(|object| {
        object.labels.key().is_some()
            && object.labels.stack().is_some()
            && !is_known(object)
            && !wanted.have(object)
            && (policy.any_commit || object.labels.made_at().is_some())
            && standing(object, 0, 0, &index, policy) == Standing::Stale
    });
    let records = inventory.record_configs.iter().filter(|record| {
        DeploymentRecord::read(record).is_some_and(|read| {
            let is_ours = read
                .commit_id()
                .is_some_and(|id| policy.revision.contains(id));
            let is_old = policy.now.duration_since(record.created_at) >= policy.min_age;
            !known.contains(&read.stack)
                && index.services_of(&read.stack).next().is_none()
                && is_old
                && (is_ours || policy.any_commit)
        })
    });
    objects.chain(records).cloned().collect()
}

/// The objects that this program did not create, whose name `matches`, and that are neither used nor wanted.
pub(crate) fn foreign_objects(
    inventory: &Inventory,
    matches: &dyn Fn(&str) -> bool,
    stacks: &[DesiredStack],
    policy: &Policy<'_>,
) -> Vec<SwarmObject> {
    let index = inventory.index();
    let wanted = WantedNames::of(stacks);
    let objects = inventory.objects.iter().filter(|object| {
        !object.labels.are_of_this_program()
            && matches(&object.name)
            && !wanted.have(object)
            && standing(object, 0, 0, &index, policy) == Standing::Stale
    });
    objects.cloned().collect()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::stack::{ExternalObject, ObjectKind};
    use crate::swarm::examples;
    use crate::swarm::objects::prune::Revision;
    use crate::swarm::observed::inventory::SwarmService;

    /// A history that contains commit 1 only.
    struct First;

    impl Revision for First {
        fn contains(&self, commit: &str) -> bool {
            commit == examples::commit(1)
        }

        fn is(&self, _: &str) -> bool {
            false
        }
    }

    fn policy() -> Policy<'static> {
        Policy {
            now: examples::now(),
            min_age: SignedDuration::from_mins(15),
            ..Policy::of(&First)
        }
    }

    fn named(name: &str, mut object: SwarmObject) -> SwarmObject {
        (object.id, object.name) = (name.to_owned(), name.to_owned());
        object
    }

    fn names(objects: Vec<SwarmObject>) -> Vec<String> {
        objects.into_iter().map(|object| object.name).collect()
    }

    /// Objects called `free`, `used`, `previous`, `young` and `external`. Only the first may be removed.
    fn inventory(object: &dyn Fn(&str, i64) -> SwarmObject) -> (Inventory, Vec<DesiredStack>) {
        let all = ["free", "used", "previous", "external"].map(|name| object(name, 60));
        let service = SwarmService {
            name: "shop_app".to_owned(),
            current: vec![examples::reference(&all[1])],
            previous: vec![examples::reference(&all[2])],
            ..SwarmService::default()
        };
        let mut objects = all.to_vec();
        objects.push(object("young", 5));
        let inventory = Inventory {
            objects,
            services: vec![service],
            ..Inventory::default()
        };
        let mut stack = examples::stack("web", []);
        stack.externals.push(ExternalObject {
            kind: ObjectKind::Secret,
            entry: "external".to_owned(),
            name: examples::object_name("external"),
            place: "web.yml:3".to_owned(),
        });
        (inventory, vec![stack])
    }

    #[test]
    fn only_unused_objects_of_stacks_that_left_this_repository_are_gone() {
        let made = |name: &str, minutes| {
            named(
                name,
                examples::held("gone", &examples::secret("token", 1), minutes),
            )
        };
        let (mut inventory, stacks) = inventory(&made);
        let mut elsewhere = examples::secret("token", 1);
        elsewhere.origin.commit = Some(examples::commit(9));
        inventory.objects.push(named(
            "of another repository",
            examples::held("gone", &elsewhere, 60),
        ));
        inventory.objects.push(named(
            "kept",
            examples::held("web", &examples::secret("token", 1), 60),
        ));
        let known = [examples::stack_name("web")];
        let gone = |policy: &Policy<'_>| names(gone_objects(&inventory, &known, &stacks, policy));
        assert_eq!(gone(&policy()), ["free"]);
        let any = Policy {
            any_commit: true,
            ..policy()
        };
        assert_eq!(gone(&any), ["free", "of another repository"]);
    }

    #[test]
    fn only_unused_objects_that_nobody_here_made_are_foreign() {
        let made = |name: &str, minutes| {
            let mut object = examples::held("web", &examples::secret("token", 1), minutes);
            object.labels = examples::namespace("web");
            named(name, object)
        };
        let (mut inventory, stacks) = inventory(&made);
        inventory.objects.push(named(
            "free of ours",
            examples::held("web", &examples::secret("token", 1), 60),
        ));
        let foreign = |matches: &dyn Fn(&str) -> bool| {
            names(foreign_objects(&inventory, matches, &stacks, &policy()))
        };
        assert_eq!(foreign(&|_| true), ["free"]);
        assert!(foreign(&|name| name.starts_with("x")).is_empty());
    }
}
