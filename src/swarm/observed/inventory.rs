//! The content of a Swarm: its secrets and configs, and what uses them.

use super::object::SwarmObject;
use super::record::DeploymentRecord;
use crate::stack::ObjectKind;

/// The secrets and configs of the whole Swarm, and everything in it that uses them.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Every secret and config, of all stacks.
    pub objects: Vec<SwarmObject>,
    /// Every service, of all stacks.
    pub services: Vec<SwarmService>,
    /// The tasks that run or will run, with what they use.
    pub tasks: Vec<SwarmTask>,
    /// The last deployment of each stack that this program deployed.
    pub records: Vec<DeploymentRecord>,
    /// The configs that contain these records.
    pub record_configs: Vec<SwarmObject>,
}

/// A service, with the objects in its specs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwarmService {
    /// Its name, which includes the name of its stack.
    pub name: String,
    /// The stack that it is deployed with.
    pub stack: Option<String>,
    /// True for a job, which runs to its end.
    pub is_job: bool,
    /// Objects that its current spec uses.
    pub current: Vec<Reference>,
    /// Objects that its previous spec uses. `docker service rollback` would need them.
    pub previous: Vec<Reference>,
}

/// A task that runs or will run. Its own spec is used, since during an update it differs from the service's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwarmTask {
    /// Id of its service.
    pub service: String,
    /// Objects that its spec uses.
    pub uses: Vec<Reference>,
}

/// A reference to a secret or config in a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Secret or config.
    pub kind: ObjectKind,
    /// The object's id.
    pub id: String,
    /// The object's name; some references do not have it.
    pub name: Option<String>,
}

/// How an object is used. If it is used in several ways, the strongest. The variants are sorted, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage {
    /// The current specs of these services use it.
    Current(Vec<String>),
    /// Only a task uses it, for example during an update.
    Task,
    /// Only the previous specs of these services use it: a rollback would need it.
    Previous(Vec<String>),
    /// Nothing uses it.
    Unused,
}

impl Inventory {
    /// Sorts the `listed` secrets and configs into objects and records.
    pub(crate) fn of_listed(listed: Vec<SwarmObject>) -> Self {
        let is_record = |object: &SwarmObject| DeploymentRecord::is_in(&object.labels);
        let (records, objects): (Vec<_>, Vec<_>) = listed.into_iter().partition(is_record);
        Self {
            objects,
            records: records.iter().filter_map(DeploymentRecord::read).collect(),
            record_configs: records,
            ..Self::default()
        }
    }

    /// The object of this kind and name. For more than a few lookups, use [`Inventory::index`].
    pub fn find(&self, kind: ObjectKind, name: &str) -> Option<&SwarmObject> {
        self.objects
            .iter()
            .find(|object| object.kind == kind && object.name == name)
    }
}
