//! What a deployment asks of a Swarm.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::EngineError;
use crate::repository::BlobId;
use crate::stack::StackName;
use crate::swarm::observed::service::ServiceState;

const STACK: &str = "hs-secrets.lock";
const HOLDER: &str = "hs-secrets.lock.holder";
const PROCESS: &str = "hs-secrets.lock.process";
const SINCE: &str = "hs-secrets.lock.since";
const BEAT: &str = "hs-secrets.lock.beat";

/// Longest name of a config in a Swarm.
const LONGEST_NAME: usize = 64;

/// Services, networks and locks of a Swarm.
pub trait Deployments {
    /// All services, with their tasks.
    fn services(&self) -> Result<Vec<ServiceState>, EngineError>;

    /// The names of all networks that this manager knows.
    fn network_names(&self) -> Result<Vec<String>, EngineError>;

    /// Makes an overlay network that containers can be attached to; false where another run was faster.
    fn create_network(&self, name: &str) -> Result<bool, EngineError>;

    /// Makes a lock and gives its id; [`EngineError::NameTaken`] where somebody has it.
    fn create_lock(&self, lock: &NewLock) -> Result<String, EngineError>;

    /// The lock of this name.
    fn lock(&self, name: &str) -> Result<Option<HeldLock>, EngineError>;

    /// Changes the lock of this id; [`EngineError::NoSuchObject`] where it is gone.
    fn beat(&self, id: &str, lock: &NewLock) -> Result<(), EngineError>;

    /// Removes the lock of this id; one that is gone already is no error.
    fn remove_lock(&self, id: &str) -> Result<(), EngineError>;
}

/// A lock to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLock {
    /// Its name, the same for all who deploy the stack.
    pub name: String,
    /// What is locked.
    pub stack: StackName,
    /// Who makes it, for people.
    pub holder: String,
    /// Who makes it, for other processes.
    pub process: String,
    /// When.
    pub since: Timestamp,
    /// How often it was changed.
    pub beat: u64,
}

/// A lock that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLock {
    /// Swarm's own id.
    pub id: String,
    /// Who has it, for people.
    pub holder: String,
    /// Who has it, for other processes.
    pub process: String,
    /// Since when, as its maker's clock had it.
    pub since: String,
    /// How often it was changed.
    pub beat: String,
}

impl NewLock {
    /// A lock of `stack` for this holder. It carries no stack's namespace: `docker stack rm` and `prune` leave it alone.
    pub(crate) fn new(stack: &StackName, holder: String, process: String) -> Self {
        let mut name = format!("hs-secrets-lock-{stack}");
        if name.len() > LONGEST_NAME {
            name = format!(
                "hs-secrets-lock-{}",
                BlobId::of_content(stack.as_str().as_bytes())
            );
        }
        Self {
            name,
            stack: stack.clone(),
            holder,
            process,
            since: Timestamp::now(),
            beat: 0,
        }
    }

    /// Its labels.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (String, String)> {
        let since = self.since.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        let labels = [
            (STACK, self.stack.to_string()),
            (HOLDER, self.holder.clone()),
            (PROCESS, self.process.clone()),
            (SINCE, since),
            (BEAT, self.beat.to_string()),
        ];
        labels
            .into_iter()
            .map(|(label, value)| (label.to_owned(), value))
    }
}

impl HeldLock {
    /// Reads what a lock's labels say; one that lacks them says little.
    pub(crate) fn read(id: String, mut labels: BTreeMap<String, String>) -> Self {
        let mut value = |label: &str| labels.remove(label).unwrap_or_default();
        Self {
            id,
            holder: value(HOLDER),
            process: value(PROCESS),
            since: value(SINCE),
            beat: value(BEAT),
        }
    }
}
