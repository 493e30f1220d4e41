//! The changes for a stack's services when its new versions are deployed.

use std::collections::{BTreeMap, BTreeSet};

use super::attribution::StackEntries;
use crate::stack::{DesiredService, DesiredStack, ObjectKind, StackObject};
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observed::inventory::SwarmService;
use crate::swarm::observed::object::SwarmObject;

/// A difference between the stack file and the versions of one entry that a service uses. Deploying the stack restarts the
/// service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceChange {
    /// The service's name in the Swarm.
    pub service: String,
    /// Secret or config.
    pub kind: ObjectKind,
    /// The entry's key.
    pub entry: String,
    /// The path of the entry's file. `None` if the entry is no longer in the stack file.
    pub path: Option<String>,
    /// The names of the versions that the service uses now.
    pub before: Vec<String>,
    /// The name of the version that the service will use. `None` if it will use none.
    pub after: Option<String>,
    /// The blob id of that version.
    pub blob: Option<String>,
}

/// Compares what the services of a stack use in the Swarm with what the stack file says. A service that is not deployed yet
/// has no changes.
pub(crate) fn service_changes(
    desired: &DesiredStack,
    index: &InventoryIndex<'_>,
) -> Vec<ServiceChange> {
    let entries = StackEntries::of(desired);
    let running = desired.services.iter().filter_map(|wanted| {
        let service = index.service(&desired.name, &wanted.name)?;
        Some(Comparison::new(&entries, wanted, service, index).changes())
    });
    running.flatten().collect()
}

/// A service in the Swarm, compared with its entry in the stack file.
struct Comparison<'a> {
    service: &'a SwarmService,
    /// The entries that the service has in the stack file.
    mounted: Vec<&'a StackObject>,
    /// Kind and name of every object that it uses in the Swarm.
    used: BTreeSet<(ObjectKind, &'a str)>,
    /// By entry: the names of the versions that it uses although the stack file does not say so.
    surplus: BTreeMap<(ObjectKind, &'a str), BTreeSet<&'a str>>,
}

impl<'a> Comparison<'a> {
    fn new(
        entries: &StackEntries<'a>,
        wanted: &'a DesiredService,
        service: &'a SwarmService,
        index: &InventoryIndex<'a>,
    ) -> Self {
        let mounted = entries.in_order(&wanted.uses);
        let objects: Vec<&SwarmObject> = service
            .current
            .iter()
            .filter_map(|reference| index.resolve(reference))
            .collect();
        let wants: BTreeSet<(ObjectKind, &str)> = mounted
            .iter()
            .map(|entry| (entry.kind, entry.name.as_str()))
            .collect();
        let mut surplus: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for object in &objects {
            let name = object.name.as_str();
            if wants.contains(&(object.kind, name)) {
                continue;
            }
            if let Some(key) = entries.attribute_used(object) {
                surplus.entry((object.kind, key)).or_default().insert(name);
            }
        }
        let used = objects.iter();
        Self {
            service,
            mounted,
            used: used
                .map(|object| (object.kind, object.name.as_str()))
                .collect(),
            surplus,
        }
    }

    fn changes(&self) -> Vec<ServiceChange> {
        let mounted = self.mounted.iter().filter_map(|entry| {
            let name = entry.name.as_str();
            let before = self.surplus_of(entry.kind, &entry.entry);
            let there = self.used.contains(&(entry.kind, name));
            (!there || !before.is_empty()).then(|| ServiceChange {
                service: self.service.name.clone(),
                kind: entry.kind,
                entry: entry.entry.clone(),
                path: Some(entry.origin.path.clone()),
                before,
                after: Some(name.to_owned()),
                blob: Some(entry.origin.blob.clone()),
            })
        });
        mounted.chain(self.no_longer_mounted()).collect()
    }

    /// The entries that the service uses in the Swarm, but no longer has in the stack file.
    fn no_longer_mounted(&self) -> impl Iterator<Item = ServiceChange> {
        let mounted: BTreeSet<(ObjectKind, &str)> = self
            .mounted
            .iter()
            .map(|entry| (entry.kind, entry.entry.as_str()))
            .collect();
        let entries = self.surplus.keys();
        let gone = entries.filter(move |entry| !mounted.contains(entry));
        gone.map(|&(kind, key)| ServiceChange {
            service: self.service.name.clone(),
            kind,
            entry: key.to_owned(),
            path: None,
            before: self.surplus_of(kind, key),
            after: None,
            blob: None,
        })
    }

    /// The names of the versions of an entry that the service uses although the stack file does not say so.
    fn surplus_of(&self, kind: ObjectKind, key: &str) -> Vec<String> {
        let names = self.surplus.get(&(kind, key)).into_iter().flatten();
        names.map(|name| (*name).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;
    use crate::swarm::observed::inventory::Inventory;

    /// The changes of a service `web_blog` that uses `current` and has `mounts` in the stack file.
    fn changes(
        entries: &[StackObject],
        mounts: &[&str],
        current: &[&SwarmObject],
    ) -> Vec<ServiceChange> {
        let mut desired = examples::stack("web", entries.to_vec());
        desired.services = vec![DesiredService {
            name: "blog".to_owned(),
            uses: mounts
                .iter()
                .map(|key| (ObjectKind::Secret, (*key).to_owned()))
                .collect(),
        }];
        let inventory = Inventory {
            objects: current.iter().copied().cloned().collect(),
            services: vec![SwarmService {
                name: "web_blog".to_owned(),
                current: current
                    .iter()
                    .map(|object| examples::reference(object))
                    .collect(),
                ..SwarmService::default()
            }],
            ..Inventory::default()
        };
        service_changes(&desired, &inventory.index())
    }

    #[test]
    fn a_new_version_changes_the_services_that_mount_it() {
        let wanted = examples::secret("token", 2);
        let old = examples::held("web", &examples::secret("token", 1), 0);
        let new = examples::held("web", &wanted, 0);
        let entries = [wanted, examples::secret("other", 1)];
        assert_eq!(changes(&entries, &["token"], &[&new]), []);
        let change = &changes(&entries, &["token"], &[&old])[0];
        assert_eq!(change.path.as_deref(), Some("secrets/token"));
        assert_eq!(change.before, [old.name]);
        assert_eq!(change.after.as_deref(), Some(new.name.as_str()));
    }

    #[test]
    fn an_entry_added_to_or_taken_from_a_service_changes_it() {
        let token = examples::secret("token", 1);
        let there = examples::held("web", &token, 0);
        let entries = [token];
        let added = &changes(&entries, &["token"], &[])[0];
        assert_eq!(
            (added.before.len(), added.after.as_deref()),
            (0, Some(there.name.as_str()))
        );
        let taken = &changes(&entries, &[], &[&there])[0];
        assert_eq!(
            (&taken.before[..], &taken.after),
            (&[there.name][..], &None)
        );
        let vanished = examples::held("web", &examples::secret("old", 1), 0);
        let taken = &changes(&entries, &[], &[&vanished])[0];
        assert_eq!((taken.entry.as_str(), &taken.path), ("old", &None));
    }

    #[test]
    fn two_entries_that_share_an_object_change_nothing() {
        let first = examples::secret("token", 1);
        let there = examples::held("web", &first, 0);
        let second = StackObject {
            entry: "again".to_owned(),
            ..first.clone()
        };
        let entries = [first, second];
        for mounts in [&["token"][..], &["again"], &["token", "again"]] {
            assert_eq!(changes(&entries, mounts, &[&there]), [], "{mounts:?}");
        }
    }
}
