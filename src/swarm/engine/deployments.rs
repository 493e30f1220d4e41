//! The requests that a deployment makes of a Swarm.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::EngineError;
use crate::repository::BlobId;
use crate::stack::StackName;
use crate::swarm::observed::labels::Labels;
use crate::swarm::observed::record::DeploymentRecord;
use crate::swarm::observed::service::ServiceState;

const STACK: &str = "hs-secrets.lock";
const HOLDER: &str = "hs-secrets.lock.holder";
const PROCESS: &str = "hs-secrets.lock.process";
const SINCE: &str = "hs-secrets.lock.since";
const BEAT: &str = "hs-secrets.lock.beat";
/// How many labels a lock has.
const LABELS: usize = 5;
/// How a lock's label says since when it is held.
const SINCE_FORMAT: &str = "%Y-%m-%d %H:%M:%S UTC";

/// Maximum length of a config's name in a Swarm.
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

    /// The lock that somebody has in the place of `wanted`; [`EngineError::NotALock`] if what has its name is no lock.
    fn lock(&self, wanted: &NewLock) -> Result<Option<HeldLock>, EngineError>;

    /// Changes the lock of this id; [`EngineError::NoSuchObject`] where it is gone.
    fn beat(&self, id: &str, lock: &NewLock) -> Result<(), EngineError>;

    /// Removes the lock of this id; one that is gone already is no error.
    fn remove_lock(&self, id: &str) -> Result<(), EngineError>;

    /// Keeps the record of a deployment in the place of the one before; [`EngineError::NotARecord`] if what has its name is
    /// no record.
    fn keep_record(&self, record: &DeploymentRecord) -> Result<(), EngineError>;
}

/// A lock to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLock {
    /// Its name, the same for all who deploy the stack.
    pub name: String,
    /// The stack that is locked.
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
        let since = self.since.strftime(SINCE_FORMAT).to_string();
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
    /// Reads the labels of the config that has the name of `wanted`. Only one with exactly a lock's labels, each in its
    /// form, is a lock: anything else is somebody's config, which must stay.
    pub(crate) fn read(wanted: &NewLock, id: String, labels: &Labels) -> Result<Self, EngineError> {
        let value = |label: &str| labels.value(label).map(str::to_owned);
        let lock = || {
            let lock = Self {
                id,
                holder: value(HOLDER)?,
                process: value(PROCESS)?,
                since: value(SINCE)?,
                beat: value(BEAT)?,
            };
            let in_form = value(STACK)? == wanted.stack.as_str()
                && labels.iter().count() == LABELS
                && DateTime::strptime(SINCE_FORMAT, &lock.since).is_ok()
                && lock.beat.parse::<u64>().is_ok();
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
