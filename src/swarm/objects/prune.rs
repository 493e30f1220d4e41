//! Decides which objects are no longer needed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::attribution::{Attribution, StackEntries};
use crate::repository::History;
use crate::stack::{DesiredStack, ObjectKind, Settings, StackName};
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observed::inventory::{Inventory, Usage};
use crate::swarm::observed::labels::MadeAt;
use crate::swarm::observed::object::SwarmObject;

/// The rules for keeping objects that nobody uses.
pub struct Policy<'a> {
    /// How many versions of an entry are kept besides the wanted one: the newest ones.
    pub keep: Keep,
    /// How many versions are kept for single stacks, by name: overrides `keep`.
    pub keep_of_stacks: BTreeMap<String, Keep>,
    /// Minimum age of an object that is removed.
    pub min_age: SignedDuration,
    /// The current time.
    pub now: Timestamp,
    /// The revision that the stacks were read from, with its history.
    pub revision: &'a dyn Revision,
    /// True if an object may be removed even if the revision's history does not contain its commit. After a rebase, no
    /// history ever will.
    pub any_commit: bool,
}

/// How many versions of an entry are kept besides the wanted one, for each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The number of versions of a secret.
    pub secrets: usize,
    /// The number of versions of a config.
    pub configs: usize,
}

impl Keep {
    fn of(self, kind: ObjectKind) -> usize {
        match kind {
            ObjectKind::Secret => self.secrets,
            ObjectKind::Config => self.configs,
        }
    }
}

impl<'a> Policy<'a> {
    /// Default for how many versions of an entry are kept besides the wanted one.
    pub const KEEP: usize = 1;
    /// Default for the minimum age of an object that is removed. It leaves time to deploy what a `sync` has created.
    pub const MIN_AGE: SignedDuration = SignedDuration::from_mins(15);

    /// The default rules, with this revision.
    pub fn of(revision: &'a dyn Revision) -> Self {
        Self {
            keep: Keep {
                secrets: Self::KEEP,
                configs: Self::KEEP,
            },
            keep_of_stacks: BTreeMap::new(),
            min_age: Self::MIN_AGE,
            now: Timestamp::now(),
            revision,
            any_commit: false,
        }
    }

    /// The rules from a repository's settings. `keep`, if given, overrides the number of versions to keep.
    pub(crate) fn by_settings(
        settings: &Settings,
        revision: &'a dyn Revision,
        keep: Option<usize>,
    ) -> Self {
        let keep = |stack: Option<&str>| {
            let of = |kind| keep.or_else(|| settings.keep_of(stack, kind));
            Keep {
                secrets: of(ObjectKind::Secret).unwrap_or(Self::KEEP),
                configs: of(ObjectKind::Config).unwrap_or(Self::KEEP),
            }
        };
        let stacks = settings.stacks.keys();
        Self {
            keep: keep(None),
            keep_of_stacks: stacks
                .map(|name| (name.clone(), keep(Some(name))))
                .collect(),
            ..Self::of(revision)
        }
    }
}

/// A revision and its history, as far as pruning needs it.
pub trait Revision {
    /// True if the history contains the commit with this id.
    fn contains(&self, commit: &str) -> bool;

    /// True if the revision is the commit with this id.
    fn is(&self, commit: &str) -> bool;
}

impl Revision for History<'_> {
    fn contains(&self, commit: &str) -> bool {
        self.contains(commit)
    }

    fn is(&self, commit: &str) -> bool {
        self.ends_with(commit)
    }
}

/// An object of a stack, and whether it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectStanding<'a> {
    /// The stack it belongs to.
    pub stack: &'a StackName,
    pub object: &'a SwarmObject,
    /// The key of the entry that it is a version of. `None` if that is unknown.
    pub entry: Option<&'a str>,
    /// Whether it is kept, and why.
    pub standing: Standing,
}

/// Whether an object is kept, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Kept: the repository wants it.
    Wanted,
    /// Kept: it is in use.
    Used(Usage),
    /// Kept: it is unknown which entry it belongs to.
    Foreign,
    /// Kept: it is one of the newest unwanted versions of its entry.
    Newest,
    /// Kept: it is younger than the minimum age.
    Young,
    /// Kept: it was made from a commit that the revision's history does not contain, or from uncommitted changes on top of
    /// the revision.
    Ahead,
    /// To be removed: there is no reason to keep it.
    Stale,
}

/// The standing of every object of these stacks. The `neighbours` are the other stacks of the repository: their objects are
/// not in the result, but an object that they want is kept.
///
/// The first of these rules that applies is the reason to keep an object:
///
/// 1. One of the stacks or neighbours wants it.
/// 2. A task uses it, or the current or previous spec of any service.
/// 3. It is one of the newest `keep` unwanted versions of its entry. Versions in use count.
/// 4. It is younger than `min_age`.
/// 5. It was made from a commit that the revision's history does not contain. An object from a work tree with uncommitted
///    changes counts as made from a later commit. It is removed only when the revision is no longer its commit itself, but
///    a later one.
pub(crate) fn standings<'a>(
    stacks: &[&'a DesiredStack],
    neighbours: &[&'a DesiredStack],
    inventory: &'a Inventory,
    policy: &Policy<'_>,
) -> Vec<ObjectStanding<'a>> {
    let wanted = WantedNames::of(stacks.iter().chain(neighbours).copied());
    let index = inventory.index();
    let mut found = Vec::new();
    for stack in stacks {
        let mut others: BTreeMap<(ObjectKind, &str), Vec<&SwarmObject>> = BTreeMap::new();
        let entries = StackEntries::of(stack);
        let shared = SharedObjects::of(stack, &index);
        for object in &inventory.objects {
            let (entry, standing) = match entries.attribute(object) {
                // An object of another stack, made from a file that both stacks use, is listed but never removed.
                Attribution::Elsewhere => match shared.standing(object) {
                    Some(standing) => match entries.attribute_used(object) {
                        Some(key) => (Some(key), standing),
                        None => continue,
                    },
                    None => continue,
                },
                Attribution::Entry(key) if !wanted.have(object) => {
                    others.entry((object.kind, key)).or_default().push(object);
                    continue;
                }
                Attribution::Entry(key) => (Some(key), Standing::Wanted),
                Attribution::Foreign if wanted.have(object) => (None, Standing::Wanted),
                Attribution::Foreign => (None, Standing::Foreign),
            };
            found.push(ObjectStanding {
                stack: &stack.name,
                object,
                entry,
                standing,
            });
        }
        let keep = policy.keep_of_stacks.get(stack.name.as_str());
        let keep = keep.copied().unwrap_or(policy.keep);
        for ((kind, key), mut versions) in others {
            let keep = keep.of(kind);
            versions.sort_by_key(|object| (object.created_at, &object.id));
            let newest_first = versions.into_iter().rev().enumerate();
            found.extend(newest_first.map(|(newer, object)| ObjectStanding {
                stack: &stack.name,
                object,
                entry: Some(key),
                standing: standing(object, newer, keep, &index, policy),
            }));
        }
    }
    found
}

/// The objects that a stack wants or uses, including those that another stack has created.
struct SharedObjects<'a> {
    wanted: BTreeSet<(ObjectKind, &'a str)>,
    /// How objects are used, by kind and id.
    used: BTreeMap<(ObjectKind, &'a str), Usage>,
}

impl<'a> SharedObjects<'a> {
    fn of(stack: &'a DesiredStack, index: &InventoryIndex<'a>) -> Self {
        let objects = stack.objects.iter();
        let mut used: BTreeMap<_, Usage> = BTreeMap::new();
        for service in &stack.services {
            let Some(service) = index.service(&stack.name, &service.name) else {
                continue;
            };
            for reference in service.current.iter().chain(&service.previous) {
                if let Some(object) = index.resolve(reference) {
                    used.entry((object.kind, object.id.as_str()))
                        .or_insert_with(|| index.usage(object));
                }
            }
        }
        Self {
            wanted: objects
                .map(|object| (object.kind, object.name.as_str()))
                .collect(),
            used,
        }
    }

    fn standing(&self, object: &SwarmObject) -> Option<Standing> {
        if self.wanted.contains(&(object.kind, object.name.as_str())) {
            return Some(Standing::Wanted);
        }
        let usage = self.used.get(&(object.kind, object.id.as_str()));
        usage.cloned().map(Standing::Used)
    }
}

/// The standing of an object that is not wanted. `newer` is the number of newer unwanted versions of its entry.
pub(super) fn standing(
    object: &SwarmObject,
    newer: usize,
    keep: usize,
    index: &InventoryIndex<'_>,
    policy: &Policy<'_>,
) -> Standing {
    match index.usage(object) {
        Usage::Unused => {}
        usage => return Standing::Used(usage),
    }
    if newer < keep {
        return Standing::Newest;
    }
    // If the manager's clock runs ahead, the age is negative, and the object counts as young.
    if policy.now.duration_since(object.created_at) < policy.min_age {
        return Standing::Young;
    }
    let behind = |MadeAt { commit, dirty }: MadeAt<'_>| {
        policy.revision.contains(commit) && !(dirty && policy.revision.is(commit))
    };
    if !policy.any_commit && !object.labels.made_at().is_none_or(behind) {
        return Standing::Ahead;
    }
    Standing::Stale
}

/// The kinds and names of all objects that stacks want, external objects included.
pub(super) struct WantedNames<'a>(BTreeSet<(ObjectKind, &'a str)>);

impl<'a> WantedNames<'a> {
    pub(super) fn of(stacks: impl IntoIterator<Item = &'a DesiredStack>) -> Self {
        let names = stacks.into_iter().flat_map(|stack| {
            let objects = stack.objects.iter();
            let externals = stack.externals.iter();
            objects
                .map(|object| (object.kind, object.name.as_str()))
                .chain(externals.map(|external| (external.kind, external.name.as_str())))
        });
        Self(names.collect())
    }

    /// True if `object` is one of these.
    pub(super) fn have(&self, object: &SwarmObject) -> bool {
        self.0.contains(&(object.kind, object.name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stack::{DesiredService, ExternalObject, StackObject};
    use crate::swarm::examples;
    use crate::swarm::objects::plan::plan;
    use crate::swarm::observed::inventory::{Reference, SwarmService, SwarmTask};

    /// A history with the commits 1 to this number.
    struct UpTo(u32);

    impl Revision for UpTo {
        fn contains(&self, commit: &str) -> bool {
            (1..=self.0).any(|number| examples::commit(number) == commit)
        }

        fn is(&self, commit: &str) -> bool {
            examples::commit(self.0) == commit
        }
    }

    const fn both(number: usize) -> Keep {
        Keep {
            secrets: number,
            configs: number,
        }
    }

    const STRICT: Policy<'static> = Policy {
        keep: both(0),
        keep_of_stacks: BTreeMap::new(),
        min_age: SignedDuration::ZERO,
        now: Timestamp::UNIX_EPOCH,
        revision: &UpTo(3),
        any_commit: false,
    };

    fn strict() -> Policy<'static> {
        Policy {
            now: examples::now(),
            ..STRICT
        }
    }

    /// Versions 1 to `count` of a secret. Version 1 is wanted; a higher number means older.
    fn versions(count: u32) -> (DesiredStack, Inventory) {
        let version = |version: u32| {
            let age = i64::from(version) * 60;
            examples::held("web", &examples::secret("token", version), age)
        };
        let inventory = Inventory {
            objects: (1..=count).map(version).collect(),
            ..Inventory::default()
        };
        let desired = examples::stack("web", [examples::secret("token", 1)]);
        (desired, inventory)
    }

    /// The versions that would be removed.
    fn gone(desired: &DesiredStack, inventory: &Inventory, policy: &Policy<'_>) -> Vec<usize> {
        let stale = stale(&[desired], &[], inventory, policy);
        let index = |object: &SwarmObject| inventory.objects.iter().position(|held| held == object);
        let mut gone: Vec<usize> = stale
            .iter()
            .map(|object| index(object).expect("it was in the inventory") + 1)
            .collect();
        gone.sort_unstable();
        gone
    }

    #[test]
    fn what_the_repository_wants_stays() {
        let (desired, inventory) = versions(3);
        assert_eq!(gone(&desired, &inventory, &strict()), [2, 3]);
    }

    #[test]
    fn what_another_of_the_stacks_wants_stays() {
        let (desired, inventory) = versions(3);
        let mut other = examples::stack("shop", []);
        other.externals.push(ExternalObject {
            kind: ObjectKind::Secret,
            entry: "token".to_owned(),
            name: examples::object_name(&inventory.objects[1].name),
            place: "shop.yml:3".to_owned(),
        });
        let stale = stale(&[&desired, &other], &[], &inventory, &strict());
        assert_eq!(stale, inventory.objects[2..]);
        other.objects.push(examples::secret("another", 1));
        let found = standings(&[&desired], &[&other], &inventory, &strict());
        let standings: Vec<_> = found.iter().map(|found| &found.standing).collect();
        assert_eq!(
            standings,
            [&Standing::Wanted, &Standing::Wanted, &Standing::Stale]
        );
    }

    #[test]
    fn current_and_previous_specs_and_tasks_protect() {
        let (desired, mut inventory) = versions(5);
        let uses = |number: usize| vec![examples::reference(&inventory.objects[number - 1])];
        let service = SwarmService {
            name: "elsewhere".to_owned(),
            current: uses(2),
            previous: uses(3),
            ..SwarmService::default()
        };
        let task = SwarmTask {
            service: "id".to_owned(),
            uses: uses(4),
        };
        inventory.services.push(service);
        inventory.tasks.push(task);
        assert_eq!(gone(&desired, &inventory, &strict()), [5]);
    }

    #[test]
    fn the_newest_others_are_kept_used_ones_counted() {
        let (desired, mut inventory) = versions(5);
        let keep = |number| Policy {
            keep: both(number),
            ..strict()
        };
        assert_eq!(gone(&desired, &inventory, &keep(1)), [3, 4, 5]);
        assert_eq!(gone(&desired, &inventory, &keep(3)), [5]);
        let of_stack = |stack: &str| Policy {
            keep_of_stacks: BTreeMap::from([(stack.to_owned(), both(3))]),
            ..keep(1)
        };
        assert_eq!(gone(&desired, &inventory, &of_stack("web")), [5]);
        assert_eq!(gone(&desired, &inventory, &of_stack("blog")), [3, 4, 5]);
        inventory.services.push(SwarmService {
            name: "web_blog".to_owned(),
            current: vec![examples::reference(&inventory.objects[1])],
            ..SwarmService::default()
        });
        assert_eq!(gone(&desired, &inventory, &keep(1)), [3, 4, 5]);
    }

    #[test]
    fn entries_are_kept_apart() {
        let (desired, mut inventory) = versions(2);
        let config = examples::object(ObjectKind::Config, "token", 9);
        inventory.objects.push(examples::held("web", &config, 600));
        let keep = |keep| Policy { keep, ..strict() };
        assert!(gone(&desired, &inventory, &keep(both(1))).is_empty());
        assert_eq!(gone(&desired, &inventory, &strict()), [2, 3]);
        let secrets = Keep {
            secrets: 1,
            configs: 0,
        };
        assert_eq!(gone(&desired, &inventory, &keep(secrets)), [3]);
    }

    #[test]
    fn the_young_stay() {
        let (desired, inventory) = versions(4);
        let min_age = |hours| Policy {
            min_age: SignedDuration::from_hours(hours),
            ..strict()
        };
        assert_eq!(gone(&desired, &inventory, &min_age(3)), [3, 4]);
        let clock_behind = Policy {
            now: examples::now() - SignedDuration::from_hours(48),
            ..strict()
        };
        assert!(gone(&desired, &inventory, &clock_behind).is_empty());
    }

    #[test]
    fn a_newer_checkout_s_objects_stay() {
        let (desired, mut inventory) = versions(2);
        let mut gone_when_made_at = |commit: Option<String>| {
            let mut entry = examples::secret("token", 2);
            entry.origin.commit = commit;
            inventory.objects[1] = examples::held("web", &entry, 600);
            let any = Policy {
                any_commit: true,
                ..strict()
            };
            assert_eq!(gone(&desired, &inventory, &any), [2]);
            gone(&desired, &inventory, &strict()) == [2]
        };
        assert!(gone_when_made_at(Some(examples::commit(3))));
        assert!(!gone_when_made_at(Some(examples::commit(4))));
        assert!(gone_when_made_at(None));
        let dirty = |number| Some(examples::commit(number) + "-dirty");
        assert!(gone_when_made_at(dirty(2)));
        assert!(!gone_when_made_at(dirty(3)));
        assert!(!gone_when_made_at(dirty(4)));
    }

    #[test]
    fn adopted_objects_go_and_foreign_ones_stay() {
        let (desired, mut inventory) = versions(4);
        inventory.objects[1].labels = examples::namespace("web");
        inventory.objects[2].labels = examples::namespace("shop");
        inventory.objects[3].labels = examples::namespace("web");
        inventory.objects[3].name = "web_token-by-hand".to_owned();
        assert_eq!(gone(&desired, &inventory, &strict()), [2]);
    }

    #[test]
    fn versions_of_an_entry_that_left_the_file_go_too() {
        let (_, inventory) = versions(3);
        let empty = examples::stack("web", []);
        assert_eq!(gone(&empty, &inventory, &strict()), [1, 2, 3]);
        let keep = Policy {
            keep: both(1),
            ..strict()
        };
        assert_eq!(gone(&empty, &inventory, &keep), [2, 3]);
    }

    /// With a search through a list for each object, this test would take minutes.
    #[test]
    fn sixty_thousand_objects_are_planned_and_sorted_out_at_once() {
        let count = 60_000;
        let numbers = 0..count;
        let entries = numbers.map(|number| {
            let mut entry = examples::object(ObjectKind::Config, &format!("c{number}"), 1);
            entry.name = examples::object_name(&format!("web_c{number}-1"));
            entry
        });
        let mut desired = examples::stack("web", entries);
        let uses = desired.objects.iter();
        desired.services = vec![DesiredService {
            name: "app".to_owned(),
            uses: uses
                .map(|entry| (entry.kind, entry.entry.clone()))
                .collect(),
        }];
        let held = |entry: &StackObject| {
            let mut held = examples::held("web", entry, 60);
            // Labelled as docker does, so that the object is attributed by its name.
            held.labels = examples::namespace("web");
            held
        };
        let mut inventory = Inventory {
            objects: desired.objects.iter().map(held).collect(),
            ..Inventory::default()
        };
        let current = inventory.objects.iter().map(examples::reference).collect();
        inventory.services.push(SwarmService {
            name: "web_app".to_owned(),
            current,
            ..SwarmService::default()
        });
        let began = std::time::Instant::now();
        let plan = plan(&desired, &inventory.index());
        assert_eq!((plan.present.len(), plan.changes.len()), (count, 0));
        let other = examples::stack("web", []);
        let found = standings(&[&other], &[], &inventory, &strict());
        assert_eq!(found.len(), count);
        let elapsed = began.elapsed();
        assert!(elapsed.as_secs() < 60, "it took {elapsed:?}");
    }

    prop_compose! {
        fn any_inventory()(
            objects in prop::collection::vec(
                (0..3usize, 0..3usize, 0..12u32, -30..3000i64, 0..6u32, any::<bool>(), 0..4usize),
                0..40,
            ),
            uses in prop::collection::vec((0..3usize, 0..40usize, any::<bool>(), any::<bool>()), 0..30),
        ) -> Inventory {
            let mut inventory = Inventory::default();
            for (stack, key, version, age, commit, dirty, labels) in objects {
                let kind = [ObjectKind::Secret, ObjectKind::Config][version as usize % 2];
                let mut object = examples::object(kind, ["token", "key", "old"][key], version);
                let mark = if dirty { "-dirty" } else { "" };
                object.origin.commit = (commit > 0).then(|| examples::commit(commit) + mark);
                let stack = ["web", "shop", "blog"][stack];
                let mut held = examples::held(stack, &object, age);
                held.id = format!("{}/{}", held.id, inventory.objects.len());
                if labels == 0 {
                    held.labels = examples::namespace(stack);
                }
                inventory.objects.push(held);
            }
            let service = SwarmService { name: "web_service".to_owned(), ..SwarmService::default() };
            inventory.services = vec![service.clone(), service];
            inventory.tasks = vec![SwarmTask::default()];
            for (user, object, by_id, by_name) in uses {
                let Some(object) = inventory.objects.get(object) else { continue };
                let reference = Reference {
                    kind: object.kind,
                    id: if by_id || !by_name { object.id.clone() } else { "gone".to_owned() },
                    name: by_name.then(|| object.name.clone()),
                };
                match user {
                    0 => inventory.services[0].current.push(reference),
                    1 => inventory.services[1].previous.push(reference),
                    _ => inventory.tasks[0].uses.push(reference),
                }
            }
            inventory
        }
    }

    proptest! {
        /// The property is checked with ids and names only, without the functions under test.
        #[test]
        fn nothing_used_wanted_young_or_of_others_is_ever_chosen(
            inventory in any_inventory(),
            wanted in prop::collection::vec((0..2usize, 0..12u32), 0..6),
            keep in 0..4usize,
            min_age in 0..2000i64,
            any_commit in any::<bool>(),
        ) {
            let entry = |(key, version): (usize, u32)| {
                let kind = [ObjectKind::Secret, ObjectKind::Config][version as usize % 2];
                examples::object(kind, ["token", "key"][key], version)
            };
            let desired = examples::stack("web", wanted.into_iter().map(entry));
            let min_age = SignedDuration::from_mins(min_age);
            let policy = Policy { keep: both(keep), min_age, any_commit, ..strict() };
            let chosen = stale(&[&desired], &[], &inventory, &policy);
            let services = inventory.services.iter();
            let in_use: Vec<&Reference> = services
                .flat_map(|service| service.current.iter().chain(&service.previous))
                .chain(inventory.tasks.iter().flat_map(|task| &task.uses))
                .collect();
            for object in &chosen {
                for used in &in_use {
                    prop_assert!(used.id != object.id);
                    let same_name = used.name.as_deref() == Some(&object.name);
                    prop_assert!(!(same_name && used.kind == object.kind));
                }
                for entry in &desired.objects {
                    prop_assert!(!(entry.kind == object.kind && entry.name.as_str() == object.name));
                }
                prop_assert_eq!(object.labels.stack(), Some("web"));
                prop_assert!(object.created_at <= policy.now - min_age);
            }
        }
    }

    /// The objects of these stacks that would be removed.
    fn stale(
        stacks: &[&DesiredStack],
        neighbours: &[&DesiredStack],
        inventory: &Inventory,
        policy: &Policy<'_>,
    ) -> Vec<SwarmObject> {
        let found = standings(stacks, neighbours, inventory, policy).into_iter();
        found
            .filter(|found| found.standing == Standing::Stale)
            .map(|found| found.object.clone())
            .collect()
    }
}
