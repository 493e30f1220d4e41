//! The content of a Swarm: its secrets and configs, and who uses them.

use super::object::SwarmObject;
use super::record::DeploymentRecord;
use crate::stack::ObjectKind;

/// The secrets and configs of the whole Swarm, and everything in it that uses them.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Every secret and config, of whatever stack.
    pub objects: Vec<SwarmObject>,
    /// Every service, of whatever stack.
    pub services: Vec<SwarmService>,
    /// The tasks that run or are to run, with what they use.
    pub tasks: Vec<SwarmTask>,
    /// The last deployment of each stack that this program has deployed.
    pub records: Vec<DeploymentRecord>,
    /// The configs that keep these records.
    pub record_configs: Vec<SwarmObject>,
}

/// A service and what its specs name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwarmService {
    /// Its name, that of the stack included.
    pub name: String,
    /// The stack that it is deployed with.
    pub stack: Option<String>,
    /// True for a job, which runs to its end.
    pub is_job: bool,
    /// Objects that its current spec uses.
    pub current: Vec<Reference>,
    /// Objects that its previous spec uses, to which `docker service rollback` would go back.
    pub previous: Vec<Reference>,
}

/// A task that runs or is to run. Its own spec counts, since it differs from the service's during an update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwarmTask {
    /// Id of its service.
    pub service: String,
    /// Objects that its spec uses.
    pub uses: Vec<Reference>,
}

/// A secret or config as a spec names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Secret or config.
    pub kind: ObjectKind,
    /// The object's id.
    pub id: String,
    /// The object's name; some references do not have it.
    pub name: Option<String>,
}

/// The use of an object; of several uses, the strongest. The variants begin with the strongest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage {
    /// The current specs of these services use it.
    Current(Vec<String>),
    /// Only a task uses it, as during an update.
    Task,
    /// The previous specs of these services use it: a rollback needs it.
    Previous(Vec<String>),
    /// Nothing uses it.
    Unused,
}

impl Inventory {
    /// The inventory of the `listed` secrets and configs. Records are taken out of them.
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
