//! The requests that a deployment sends to a Swarm.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::EngineError;
use crate::stack::StackName;
use crate::swarm::observed::labels::Labels;
use crate::swarm::observed::record::DeploymentRecord;
use crate::swarm::observed::service::ServiceState;

const STACK: &str = "hs-secrets.lock";
const HOLDER: &str = "hs-secrets.lock.holder";
const PROCESS: &str = "hs-secrets.lock.process";
const SINCE: &str = "hs-secrets.lock.since";
const BEAT: &str = "hs-secrets.lock.beat";
/// The number of labels of a lock.
const LABELS: usize = 5;
/// The format of the time in a lock's label.
const SINCE_FORMAT: &str = "%Y-%m-%d %H:%M:%S UTC";

/// Services, networks and locks of a Swarm.
pub trait Deployments {
    /// All services, with their tasks.
    fn services(&self) -> Result<Vec<ServiceState>, EngineError>;

    /// The names of all networks that this manager knows.
    fn network_names(&self) -> Result<Vec<String>, EngineError>;

    /// Creates an overlay network that containers can be attached to. Returns false if the network exists already.
    fn create_network(&self, name: &str) -> Result<bool, EngineError>;

    /// Creates a lock and returns its id. Fails with [`EngineError::NameTaken`] if another process has the lock.
    fn create_lock(&self, lock: &NewLock) -> Result<String, EngineError>;

    /// The existing lock with the name of `wanted`. `None` if there is no such lock. Fails with [`EngineError::NotALock`] if
    /// a config that is not a lock has the name.
    fn lock(&self, wanted: &NewLock) -> Result<Option<HeldLock>, EngineError>;

    /// Updates the lock with this id. Fails with [`EngineError::NoSuchObject`] if it no longer exists.
    fn renew_lock(&self, id: &str, lock: &NewLock) -> Result<(), EngineError>;

    /// Removes the lock with this id. It is not an error if it no longer exists.
    fn remove_lock(&self, id: &str) -> Result<(), EngineError>;

    /// Replaces the record of the stack's previous deployment. Fails with [`EngineError::NotARecord`] if a config that is
    /// not a record has the name.
    fn keep_record(&self, record: &DeploymentRecord) -> Result<(), EngineError>;
}

/// A lock to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLock {
    /// Its name, which depends on the stack alone.
    pub name: String,
    /// The stack that is locked.
    pub stack: StackName,
    /// The holder, described for people.
    pub holder: String,
    /// The holder, described for other processes.
    pub process: String,
    /// When it is created.
    pub since: Timestamp,
    /// How often it has been updated: the sign of life of its holder.
    pub heartbeat: u64,
}

/// A lock that some process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLock {
    /// Swarm's own id.
    pub id: String,
    /// The holder, described for people.
    pub holder: String,
    /// The holder, described for other processes.
    pub process: String,
    /// When it was created, by the clock of its creator.
    pub since: String,
    /// How often it has been updated: the sign of life of its holder.
    pub heartbeat: String,
}

impl NewLock {
    /// A lock of `stack` for this holder. It has no namespace label, so that `docker stack rm` and `prune` leave it alone.
    pub(crate) fn new(stack: &StackName, holder: String, process: String) -> Self {
        Self {
            name: stack.own_config("lock"),
            stack: stack.clone(),
            holder,
            process,
            since: Timestamp::now(),
            heartbeat: 0,
        }
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = (String, String)> {
        let since = self.since.strftime(SINCE_FORMAT).to_string();
        let labels = [
            (STACK, self.stack.to_string()),
            (HOLDER, self.holder.clone()),
            (PROCESS, self.process.clone()),
            (SINCE, since),
            (BEAT, self.heartbeat.to_string()),
        ];
        labels
            .into_iter()
            .map(|(label, value)| (label.to_owned(), value))
    }
}

impl HeldLock {
    /// Reads a lock from the labels of the config that has the name of `wanted`. It is a lock only if it has exactly the
    /// labels of a lock, each in the right format. Any other config belongs to somebody else and must not be touched.
    pub(crate) fn read(wanted: &NewLock, id: String, labels: &Labels) -> Result<Self, EngineError> {
        let value = |label: &str| labels.value(label).map(str::to_owned);
        let lock = || {
            let lock = Self {
                id,
                holder: value(HOLDER)?,
                process: value(PROCESS)?,
                since: value(SINCE)?,
                heartbeat: value(BEAT)?,
            };
            let in_form = value(STACK)? == wanted.stack.as_str()
                && labels.iter().count() == LABELS
                && DateTime::strptime(SINCE_FORMAT, &lock.since).is_ok()
                && lock.heartbeat.parse::<u64>().is_ok();
            in_form.then_some(lock)
        };
        lock().ok_or_else(|| EngineError::NotALock {
            name: wanted.name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::swarm::examples;

    #[test]
    fn only_what_has_exactly_a_lock_s_labels_is_a_lock() {
        let wanted = NewLock::new(
            &examples::stack_name("web"),
            "host, process 1".to_owned(),
            String::new(),
        );
        let labels: BTreeMap<String, String> = wanted.labels().collect();
        let is_lock = |labels: &BTreeMap<String, String>| {
            HeldLock::read(&wanted, "id".to_owned(), &labels.clone().into()).is_ok()
        };
        assert!(is_lock(&labels));
        assert!(!is_lock(&BTreeMap::new()));
        for label in labels.keys() {
            let mut fewer = labels.clone();
            fewer.remove(label);
            assert!(!is_lock(&fewer), "without {label}");
        }
        for (label, value) in [
            (STACK, "shop"),
            (SINCE, "today"),
            (BEAT, "-1"),
            ("team", "edge"),
        ] {
            let mut other = labels.clone();
            other.insert(label.to_owned(), value.to_owned());
            assert!(!is_lock(&other), "{label}={value}");
        }
    }
}
