//! A Swarm in memory, for tests without a daemon.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::{Creation, Deployments, Engine, EngineError, HeldLock, Networks, NewLock, NewObject};
use crate::stack::ObjectKind;
use crate::swarm::examples;
use crate::swarm::observed::inventory::{Inventory, SwarmService, SwarmTask, Usage};
use crate::swarm::observed::network::{NetworkInventory, NetworkedService, SwarmNetwork};
use crate::swarm::observed::object::SwarmObject;
use crate::swarm::observed::record::DeploymentRecord;
use crate::swarm::observed::service::ServiceState;

/// Keeps objects and their users, and refuses what a real manager refuses.
#[derive(Default)]
pub(crate) struct MemorySwarm {
    pub(crate) holds: RefCell<Inventory>,
    pub(crate) networks: RefCell<NetworkInventory>,
    /// How many more creations or removals succeed before the daemon becomes unreachable.
    pub(crate) goes_away_after: Cell<Option<usize>>,
    /// The locks, with their ids.
    pub(crate) locks: RefCell<Vec<(String, NewLock)>>,
    /// How many locks have ever been created.
    made_locks: Cell<usize>,
}

impl MemorySwarm {
    pub(crate) fn holding(objects: impl IntoIterator<Item = SwarmObject>) -> Self {
        let swarm = Self::default();
        swarm.holds.borrow_mut().objects.extend(objects);
        swarm
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let holds = self.holds.borrow();
        holds
            .objects
            .iter()
            .map(|object| object.name.clone())
            .collect()
    }

    fn reach(&self) -> Result<(), EngineError> {
        match self.goes_away_after.get() {
            Some(0) => Err(EngineError::Gone {
                host: "memory".to_owned(),
                doing: "working".to_owned(),
                reason: "a test wants it".to_owned(),
            }),
            left => {
                self.goes_away_after.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }

    fn create_one(&self, object: &NewObject) -> Result<(), EngineError> {
        self.reach()?;
        let mut holds = self.holds.borrow_mut();
        let (kind, name) = (object.kind, object.name.to_string());
        if holds.find(kind, &name).is_some() {
            return Err(EngineError::NameTaken { kind, name });
        }
        holds.objects.push(SwarmObject {
            id: format!("{kind}:{name}"),
            kind,
            name,
            labels: object.labels.clone(),
            created_at: examples::now(),
            template_driver: object.template_driver.clone(),
            driver: None,
        });
        Ok(())
    }
}

impl Engine for MemorySwarm {
    fn objects(&self) -> Result<Vec<SwarmObject>, EngineError> {
        Ok(self.holds.borrow().objects.clone())
    }

    fn users(&self) -> Result<(Vec<SwarmService>, Vec<SwarmTask>), EngineError> {
        let holds = self.holds.borrow();
        Ok((holds.services.clone(), holds.tasks.clone()))
    }

    fn swarm_services(&self) -> Result<Vec<SwarmService>, EngineError> {
        Ok(self.holds.borrow().services.clone())
    }

    fn create(&self, objects: &mut dyn Iterator<Item = NewObject>, done: &mut dyn FnMut(Creation)) {
        for object in objects {
            let result = self.create_one(&object);
            let NewObject { kind, name, .. } = object;
            done(Creation { kind, name, result });
        }
    }

    fn remove(&self, object: &SwarmObject) -> Result<(), EngineError> {
        self.reach()?;
        let mut holds = self.holds.borrow_mut();
        let (kind, name) = (object.kind, object.name.clone());
        let Some(index) = holds.objects.iter().position(|held| held.id == object.id) else {
            return Err(EngineError::NoSuchObject { kind, name });
        };
        // As in Swarm, use by a previous spec does not prevent removal.
        if let Usage::Current(services) = holds.index().usage(object) {
            return Err(EngineError::InUse {
                kind,
                name,
                message: services.join(", "),
            });
        }
        holds.objects.remove(index);
        Ok(())
    }
}

impl Networks for MemorySwarm {
    fn networks(&self) -> Result<Vec<SwarmNetwork>, EngineError> {
        Ok(self.networks.borrow().networks.clone())
    }

    fn network_users(&self) -> Result<(Vec<NetworkedService>, Vec<String>), EngineError> {
        let holds = self.networks.borrow();
        Ok((holds.services.clone(), holds.tasks.clone()))
    }

    fn remove_network(&self, network: &SwarmNetwork) -> Result<(), EngineError> {
        self.reach()?;
        let name = network.name.clone();
        let mut holds = self.networks.borrow_mut();
        let Some(index) = holds.networks.iter().position(|held| held.id == network.id) else {
            return Err(EngineError::NoSuchNetwork { name });
        };
        // As in Swarm, use by a previous spec does not prevent removal.
        let usage = holds.usage(network);
        if !usage.current.is_empty() || usage.tasks || !usage.containers.is_empty() {
            let message = "a task is on it".to_owned();
            return Err(EngineError::NetworkInUse { name, message });
        }
        holds.networks.remove(index);
        Ok(())
    }
}

impl Deployments for MemorySwarm {
    fn services(&self) -> Result<Vec<ServiceState>, EngineError> {
        Ok(Vec::new())
    }

    fn network_names(&self) -> Result<Vec<String>, EngineError> {
        Ok(Vec::new())
    }

    fn create_network(&self, _: &str) -> Result<bool, EngineError> {
        Ok(true)
    }

    fn create_lock(&self, lock: &NewLock) -> Result<String, EngineError> {
        let (kind, name) = (ObjectKind::Config, lock.name.clone());
        let is_held = self
            .locks
            .borrow()
            .iter()
            .any(|(_, held)| held.name == name);
        if is_held || self.holds.borrow().find(kind, &name).is_some() {
            return Err(EngineError::NameTaken { kind, name });
        }
        let id = self
            .made_locks
            .replace(self.made_locks.get() + 1)
            .to_string();
        self.locks.borrow_mut().push((id.clone(), lock.clone()));
        Ok(id)
    }

    fn lock(&self, wanted: &NewLock) -> Result<Option<HeldLock>, EngineError> {
        if let Some(config) = self.holds.borrow().find(ObjectKind::Config, &wanted.name) {
            return HeldLock::read(wanted, config.id.clone(), &config.labels).map(Some);
        }
        let locks = self.locks.borrow();
        let found = locks.iter().find(|(_, lock)| lock.name == wanted.name);
        let labels = |lock: &NewLock| lock.labels().collect::<BTreeMap<_, _>>().into();
        found
            .map(|(id, lock)| HeldLock::read(wanted, id.clone(), &labels(lock)))
            .transpose()
    }

    fn renew_lock(&self, id: &str, lock: &NewLock) -> Result<(), EngineError> {
        let mut locks = self.locks.borrow_mut();
        let found = locks.iter_mut().find(|(known, _)| known == id);
        let (_, held) = found.ok_or_else(|| EngineError::NoSuchObject {
            kind: ObjectKind::Config,
            name: lock.name.clone(),
        })?;
        *held = lock.clone();
        Ok(())
    }

    fn keep_record(&self, record: &DeploymentRecord) -> Result<(), EngineError> {
        let mut holds = self.holds.borrow_mut();
        holds.records.retain(|known| known.stack != record.stack);
        holds.records.push(record.clone());
        Ok(())
    }

    fn remove_lock(&self, id: &str) -> Result<(), EngineError> {
        self.locks.borrow_mut().retain(|(known, _)| known != id);
        Ok(())
    }
}
