//! Services, networks and locks of a real Docker daemon.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bollard::models::{ConfigSpec, NetworkCreateRequest};
use bollard::query_parameters::UpdateConfigOptions;

use super::DockerEngine;
use crate::stack::ObjectKind;
use crate::swarm::engine::wire::{NetworkName, WireObject, WireService, WireTask};
use crate::swarm::engine::{Deployments, EngineError, HeldLock, NewLock};
use crate::swarm::observed::labels::Labels;
use crate::swarm::observed::record::DeploymentRecord;
use crate::swarm::observed::service::ServiceState;

impl Deployments for DockerEngine {
    fn services(&self) -> Result<Vec<ServiceState>, EngineError> {
        self.runtime.block_on(async {
            let services: Vec<WireService> = self.list("services").await?;
            let tasks: Vec<WireTask> = self.list("tasks").await?;
            Ok(services
                .iter()
                .map(|service| service.state(&tasks))
                .collect())
        })
    }

    fn network_names(&self) -> Result<Vec<String>, EngineError> {
        self.runtime.block_on(async {
            let networks: Vec<NetworkName> = self.list("networks").await?;
            Ok(networks.into_iter().map(|network| network.name).collect())
        })
    }

    fn create_network(&self, name: &str) -> Result<bool, EngineError> {
        let labels = Labels::of_new_network();
        let labels = labels.iter();
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("overlay".to_owned()),
            attachable: Some(true),
            labels: Some(
                labels
                    .map(|(label, value)| (label.clone(), value.clone()))
                    .collect(),
            ),
            ..NetworkCreateRequest::default()
        };
        let doing = format!("creating network {name}");
        let created = self.ask(&doing, async || {
            self.docker.create_network(request.clone()).await
        });
        match self.runtime.block_on(created) {
            Ok(_) => Ok(true),
            Err(EngineError::Refused {
                status, message, ..
            }) if status == 409 || message.contains("already exists") => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn create_lock(&self, lock: &NewLock) -> Result<String, EngineError> {
        let doing = format!("creating config {}", lock.name);
        let created = self.ask(&doing, async || {
            self.docker.create_config(lock_spec(lock)).await
        });
        match self.runtime.block_on(created) {
            Ok(created) => Ok(created.id),
            Err(EngineError::Refused { status: 409, .. }) => Err(EngineError::NameTaken {
                kind: ObjectKind::Config,
                name: lock.name.clone(),
            }),
            Err(error) => Err(error),
        }
    }

    fn lock(&self, wanted: &NewLock) -> Result<Option<HeldLock>, EngineError> {
        let configs: Vec<WireObject> = self.runtime.block_on(self.list("configs"))?;
        let mut configs = configs
            .into_iter()
            .map(|config| config.read(ObjectKind::Config));
        let found = configs.find(|config| config.name == wanted.name);
        found
            .map(|config| HeldLock::read(wanted, config.id, &config.labels))
            .transpose()
    }

    fn renew_lock(&self, id: &str, lock: &NewLock) -> Result<(), EngineError> {
        let doing = format!("updating config {}", lock.name);
        let renewed = self.ask(&doing, async || {
            let there = self.docker.inspect_config(id).await?;
            let version = there.version.and_then(|version| version.index);
            let options = UpdateConfigOptions {
                version: version.unwrap_or_default() as i64,
            };
            self.docker
                .update_config(id, lock_spec(lock), options)
                .await
        });
        match self.runtime.block_on(renewed) {
            Err(EngineError::Refused { status: 404, .. }) => Err(EngineError::NoSuchObject {
                kind: ObjectKind::Config,
                name: lock.name.clone(),
            }),
            other => other,
        }
    }

    fn keep_record(&self, record: &DeploymentRecord) -> Result<(), EngineError> {
        let name = record.name();
        let doing = format!("recording the deployment in config {name}");
        let created = self.ask(&doing, async || {
            self.docker.create_config(record_spec(record)).await
        });
        match self.runtime.block_on(created) {
            Ok(_) => return Ok(()),
            Err(EngineError::Refused { status: 409, .. }) => {}
            Err(error) => return Err(error),
        }
        let there = self.ask(&doing, async || self.docker.inspect_config(&name).await);
        let there = self.runtime.block_on(there)?;
        let labels = there.spec.and_then(|spec| spec.labels).unwrap_or_default();
        let labels: BTreeMap<String, String> = labels.into_iter().collect();
        if !DeploymentRecord::is_in(&labels.into()) {
            return Err(EngineError::NotARecord { name });
        }
        let version = there.version.and_then(|version| version.index);
        let options = UpdateConfigOptions {
            version: version.unwrap_or_default() as i64,
        };
        let updated = self.ask(&doing, async || {
            self.docker
                .update_config(&name, record_spec(record), options.clone())
                .await
        });
        self.runtime.block_on(updated)
    }

    fn remove_lock(&self, id: &str) -> Result<(), EngineError> {
        let removed = self.ask("removing a lock", async || {
            self.docker.delete_config(id).await
        });
        match self.runtime.block_on(removed) {
            Err(EngineError::Refused { status: 404, .. }) => Ok(()),
            other => other,
        }
    }
}

fn record_spec(record: &DeploymentRecord) -> ConfigSpec {
    let labels = record.labels();
    let labels = labels.iter();
    ConfigSpec {
        name: Some(record.name()),
        labels: Some(
            labels
                .map(|(label, value)| (label.clone(), value.clone()))
                .collect(),
        ),
        // A config must not be empty.
        data: Some(BASE64.encode("hs-secrets deployed this stack; the labels say what\n")),
        templating: None,
    }
}

fn lock_spec(lock: &NewLock) -> ConfigSpec {
    ConfigSpec {
        name: Some(lock.name.clone()),
        labels: Some(lock.labels().collect()),
        // A config must not be empty.
        data: Some(BASE64.encode("hs-secrets deploys this stack; its labels say who\n")),
        templating: None,
    }
}
