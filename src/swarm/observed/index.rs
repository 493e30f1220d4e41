//! An index of an inventory by name and id, for fast lookups.

use std::collections::{HashMap, HashSet};

use super::inventory::{Inventory, Reference, SwarmService, Usage};
use super::object::SwarmObject;
use super::record::DeploymentRecord;
use crate::stack::{ObjectKind, StackName};

/// An inventory with an index by name and id.
pub struct InventoryIndex<'a> {
    inventory: &'a Inventory,
    by_name: HashMap<(ObjectKind, &'a str), &'a SwarmObject>,
    by_id: HashMap<(ObjectKind, &'a str), &'a SwarmObject>,
    services: HashMap<&'a str, &'a SwarmService>,
    current: Users<'a>,
    previous: Users<'a>,
    /// Ids and names of the objects that tasks use.
    tasks: HashSet<(ObjectKind, &'a str)>,
}

/// By the id or name of an object: the positions of the services that use it.
type Users<'a> = HashMap<(ObjectKind, &'a str), Vec<usize>>;

impl Inventory {
    /// Builds the index.
    pub fn index(&self) -> InventoryIndex<'_> {
        let objects = self.objects.iter();
        let tasks = self.tasks.iter().flat_map(|task| &task.uses);
        InventoryIndex {
            inventory: self,
            by_name: objects
                .clone()
                .map(|object| ((object.kind, object.name.as_str()), object))
                .collect(),
            by_id: objects
                .map(|object| ((object.kind, object.id.as_str()), object))
                .collect(),
            services: self
                .services
                .iter()
                .map(|service| (service.name.as_str(), service))
                .collect(),
            current: users(&self.services, |service| &service.current),
            previous: users(&self.services, |service| &service.previous),
            tasks: tasks.flat_map(keys).collect(),
        }
    }
}

impl<'a> InventoryIndex<'a> {
    /// Every secret and config.
    pub fn objects(&self) -> &'a [SwarmObject] {
        &self.inventory.objects
    }

    /// The object of this kind and name.
    pub fn find(&self, kind: ObjectKind, name: &str) -> Option<&'a SwarmObject> {
        self.by_name.get(&(kind, name)).copied()
    }

    /// The service in the Swarm for `key` of a stack file.
    pub fn service(&self, stack: &StackName, key: &str) -> Option<&'a SwarmService> {
        self.services.get(stack.service_name(key).as_str()).copied()
    }

    /// The services that are deployed with a stack.
    pub fn services_of(&self, stack: &StackName) -> impl Iterator<Item = &'a SwarmService> {
        let services = self.inventory.services.iter();
        services.filter(move |service| service.stack.as_deref() == Some(stack.as_str()))
    }

    /// The record of a stack's last deployment.
    pub fn record(&self, stack: &StackName) -> Option<&'a DeploymentRecord> {
        let mut records = self.inventory.records.iter();
        records.find(|record| record.stack == *stack)
    }

    /// The object that a spec's reference means: by its id, or by its name if there is no such id. An object may have been
    /// removed and created again with its name while a spec still refers to it.
    pub fn resolve(&self, reference: &Reference) -> Option<&'a SwarmObject> {
        let by_id = self.by_id.get(&(reference.kind, reference.id.as_str()));
        let name = reference.name.as_deref();
        by_id.copied().or_else(|| self.find(reference.kind, name?))
    }

    /// How `object` is used.
    pub fn usage(&self, object: &SwarmObject) -> Usage {
        let keys = [
            (object.kind, object.id.as_str()),
            (object.kind, object.name.as_str()),
        ];
        let names = |users: &Users<'_>| -> Vec<String> {
            let mut found: Vec<usize> = keys
                .iter()
                .filter_map(|key| users.get(key))
                .flatten()
                .copied()
                .collect();
            found.sort_unstable();
            found.dedup();
            let services = found.into_iter();
            services
                .map(|position| self.inventory.services[position].name.clone())
                .collect()
        };
        let current = names(&self.current);
        if !current.is_empty() {
            return Usage::Current(current);
        }
        if keys.iter().any(|key| self.tasks.contains(key)) {
            return Usage::Task;
        }
        let previous = names(&self.previous);
        if previous.is_empty() {
            Usage::Unused
        } else {
            Usage::Previous(previous)
        }
    }
}

fn users(services: &[SwarmService], spec: fn(&SwarmService) -> &[Reference]) -> Users<'_> {
    let mut users = Users::new();
    for (position, service) in services.iter().enumerate() {
        for key in spec(service).iter().flat_map(keys) {
            users.entry(key).or_default().push(position);
        }
    }
    users
}

/// The keys under which a reference is looked up: its id and its name. It counts as use of both.
fn keys(reference: &Reference) -> impl Iterator<Item = (ObjectKind, &str)> {
    let id = Some(reference.id.as_str());
    let texts = id.into_iter().chain(reference.name.as_deref());
    texts.map(|text| (reference.kind, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;
    use crate::swarm::observed::inventory::SwarmTask;

    #[test]
    fn the_strongest_use_is_told() {
        let object = examples::held("web", &examples::secret("token", 1), 0);
        let other = examples::held("web", &examples::secret("token", 2), 0);
        let used = [examples::reference(&object)];
        let service = |name: &str, current: &[Reference], previous: &[Reference]| SwarmService {
            name: name.to_owned(),
            current: current.to_vec(),
            previous: previous.to_vec(),
            ..SwarmService::default()
        };
        let mut inventory = Inventory {
            objects: vec![object.clone(), other.clone()],
            services: vec![service("web_blog", &[], &used)],
            ..Inventory::default()
        };
        assert_eq!(inventory.index().usage(&other), Usage::Unused);
        assert_eq!(
            inventory.index().usage(&object),
            Usage::Previous(vec!["web_blog".to_owned()])
        );
        inventory.tasks.push(SwarmTask {
            service: "id".to_owned(),
            uses: used.to_vec(),
        });
        assert_eq!(inventory.index().usage(&object), Usage::Task);
        inventory.services.push(service("shop_front", &used, &used));
        assert_eq!(
            inventory.index().usage(&object),
            Usage::Current(vec!["shop_front".to_owned()])
        );
    }

    #[test]
    fn a_reference_to_an_object_made_again_counts() {
        let object = examples::held("web", &examples::secret("token", 1), 0);
        let is_used = |kind: ObjectKind, id: &str, name: Option<&str>| {
            let uses = vec![Reference {
                kind,
                id: id.to_owned(),
                name: name.map(str::to_owned),
            }];
            let resolved = Inventory {
                objects: vec![object.clone()],
                ..Inventory::default()
            };
            let is_resolved = resolved.index().resolve(&uses[0]).is_some();
            let inventory = Inventory {
                tasks: vec![SwarmTask {
                    service: "id".to_owned(),
                    uses,
                }],
                ..resolved
            };
            let usage = inventory.index().usage(&object);
            assert_eq!(usage == Usage::Task, is_resolved);
            is_resolved
        };
        assert!(is_used(object.kind, "gone", Some(&object.name)));
        assert!(!is_used(object.kind, "gone", None));
        assert!(is_used(object.kind, &object.id, None));
        assert!(!is_used(ObjectKind::Config, &object.id, Some(&object.name)));
    }
}
