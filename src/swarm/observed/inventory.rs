//! What the Swarm holds: its secrets and configs, who uses them.

use jiff::Timestamp;

use super::labels::Labels;
use crate::stack::{ObjectKind, StackName};

/// Secrets and configs of the whole Swarm and everything in it that uses them.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Every secret and config, of whatever stack.
    pub objects: Vec<SwarmObject>,
    /// Every service, of whatever stack.
    pub services: Vec<SwarmService>,
    /// What tasks use that run or are to run.
    pub tasks: Vec<SwarmTask>,
}

/// A secret or config in the Swarm, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwarmObject {
    /// Swarm's own id.
    pub id: String,
    /// Secret or config.
    pub kind: ObjectKind,
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// When it was made.
    pub created_at: Timestamp,
    /// Name of the template driver, if any.
    pub template_driver: Option<String>,
    /// Name of the secret driver, if any.
    pub driver: Option<String>,
}

/// A service and what its specs name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwarmService {
    /// Its name, that of the stack included.
    pub name: String,
    /// What its current spec uses.
    pub current: Vec<Reference>,
    /// What the spec uses that `docker service rollback` would go back to.
    pub previous: Vec<Reference>,
}

/// A task that runs or is to run, with what its own spec uses: during an update the specs of tasks and service differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwarmTask {
    /// Id of its service.
    pub service: String,
    /// What it uses.
    pub uses: Vec<Reference>,
}

/// A secret or config as a spec names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Secret or config.
    pub kind: ObjectKind,
    /// The object's id.
    pub id: String,
    /// The object's name; not every reference tells it.
    pub name: Option<String>,
}

/// How an object is used, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage {
    /// By the current spec of these services.
    Current(Vec<String>),
    /// By a task only, as while an update goes on.
    Task,
    /// By the previous spec of these services: a rollback needs it.
    Previous(Vec<String>),
    /// By nothing.
    Unused,
}

impl Inventory {
    /// The object of this kind and name.
    pub fn find(&self, kind: ObjectKind, name: &str) -> Option<&SwarmObject> {
        self.objects
            .iter()
            .find(|object| object.kind == kind && object.name == name)
    }

    /// The service that `key` of a stack file becomes.
    pub fn service(&self, stack: &StackName, key: &str) -> Option<&SwarmService> {
        let name = stack.service_name(key);
        self.services.iter().find(|service| service.name == name)
    }

    /// The object that a spec's reference means.
    pub fn resolve(&self, reference: &Reference) -> Option<&SwarmObject> {
        self.objects.iter().find(|object| reference.means(object))
    }

    /// Who uses `object`.
    pub fn usage(&self, object: &SwarmObject) -> Usage {
        let by = |spec: fn(&SwarmService) -> &[Reference]| -> Vec<String> {
            let users = self
                .services
                .iter()
                .filter(|service| spec(service).iter().any(|used| used.means(object)));
            users.map(|service| service.name.clone()).collect()
        };
        let current = by(|service| &service.current);
        if !current.is_empty() {
            return Usage::Current(current);
        }
        let tasks = self.tasks.iter().flat_map(|task| &task.uses);
        if tasks.into_iter().any(|used| used.means(object)) {
            return Usage::Task;
        }
        let previous = by(|service| &service.previous);
        if previous.is_empty() {
            Usage::Unused
        } else {
            Usage::Previous(previous)
        }
    }
}

impl Reference {
    /// True for the object that this reference names, by id or, as a spec may outlive an object that was made again
    /// under its name, by name.
    pub fn means(&self, object: &SwarmObject) -> bool {
        self.kind == object.kind
            && (self.id == object.id || self.name.as_deref() == Some(&object.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;

    #[test]
    fn the_strongest_use_is_told() {
        let object = examples::held("web", &examples::secret("token", 1), 0);
        let other = examples::held("web", &examples::secret("token", 2), 0);
        let used = [examples::reference(&object)];
        let service = |name: &str, current: &[Reference], previous: &[Reference]| SwarmService {
            name: name.to_owned(),
            current: current.to_vec(),
            previous: previous.to_vec(),
        };
        let mut inventory = Inventory {
            objects: vec![object.clone(), other.clone()],
            services: vec![service("web_blog", &[], &used)],
            tasks: Vec::new(),
        };
        assert_eq!(inventory.usage(&other), Usage::Unused);
        assert_eq!(
            inventory.usage(&object),
            Usage::Previous(vec!["web_blog".to_owned()])
        );
        inventory.tasks.push(SwarmTask {
            service: "id".to_owned(),
            uses: used.to_vec(),
        });
        assert_eq!(inventory.usage(&object), Usage::Task);
        inventory.services.push(service("shop_front", &used, &used));
        assert_eq!(
            inventory.usage(&object),
            Usage::Current(vec!["shop_front".to_owned()])
        );
    }

    #[test]
    fn a_reference_to_an_object_made_again_counts() {
        let object = examples::held("web", &examples::secret("token", 1), 0);
        let mut reference = examples::reference(&object);
        reference.id = "gone".to_owned();
        assert!(reference.means(&object));
        reference.name = None;
        assert!(!reference.means(&object));
        reference.id = object.id.clone();
        assert!(reference.means(&object));
        reference.kind = ObjectKind::Config;
        assert!(!reference.means(&object));
    }
}
