//! The secrets and configs of a real Docker daemon, and what uses them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bollard::ClientVersion;
use bollard::models::{ConfigSpec, Driver, SecretSpec};
use futures_util::{StreamExt, stream};

use super::DockerEngine;
use crate::stack::{ObjectKind, ServiceFields};
use crate::swarm::engine::wire::{ComparedService, WireObject, WireService, WireTask, WireVolumes};
use crate::swarm::engine::{Creation, Engine, EngineError, NewObject, connect};
use crate::swarm::observed::inventory::{SwarmService, SwarmTask};
use crate::swarm::observed::object::SwarmObject;

/// The API version of Docker 23, the first with cluster volumes (CSI), which can use secrets.
const CLUSTER_VOLUMES: ClientVersion = ClientVersion {
    major_version: 1,
    minor_version: 42,
};

impl Engine for DockerEngine {
    fn objects(&self) -> Result<Vec<SwarmObject>, EngineError> {
        self.runtime.block_on(async {
            let secrets: Vec<WireObject> = self.list("secrets").await?;
            let configs: Vec<WireObject> = self.list("configs").await?;
            let secrets = secrets
                .into_iter()
                .map(|secret| secret.read(ObjectKind::Secret));
            let configs = configs
                .into_iter()
                .map(|config| config.read(ObjectKind::Config));
            Ok(secrets.chain(configs).collect())
        })
    }

    fn users(&self) -> Result<(Vec<SwarmService>, Vec<SwarmTask>), EngineError> {
        self.runtime.block_on(async {
            let services: Vec<WireService> = self.list("services").await?;
            let tasks: Vec<WireTask> = self.list("tasks").await?;
            let mut users: Vec<SwarmService> = services.iter().map(WireService::user).collect();
            if self.docker.client_version() >= CLUSTER_VOLUMES {
                users.extend(self.volumes().await?.read());
            }
            Ok((users, tasks.iter().filter_map(WireTask::user).collect()))
        })
    }

    fn swarm_services(&self) -> Result<Vec<SwarmService>, EngineError> {
        self.runtime.block_on(async {
            let services: Vec<WireService> = self.list("services").await?;
            Ok(services.iter().map(WireService::user).collect())
        })
    }

    fn create(&self, objects: &mut dyn Iterator<Item = NewObject>, done: &mut dyn FnMut(Creation)) {
        self.runtime.block_on(async {
            let mut creations = stream::iter(objects)
                .map(async |object| {
                    let result = self.create_one(&object).await;
                    let NewObject { kind, name, .. } = object;
                    Creation { kind, name, result }
                })
                .buffer_unordered(self.in_flight);
            while let Some(creation) = creations.next().await {
                done(creation);
            }
        });
    }

    fn remove(&self, object: &SwarmObject) -> Result<(), EngineError> {
        let (kind, name) = (object.kind, object.name.clone());
        let doing = format!("removing {kind} {name}");
        let removed = self.ask(&doing, async || match kind {
            ObjectKind::Secret => self.docker.delete_secret(&object.id).await,
            ObjectKind::Config => self.docker.delete_config(&object.id).await,
        });
        match self.runtime.block_on(removed) {
            Err(EngineError::Refused { status: 404, .. }) => {
                Err(EngineError::NoSuchObject { kind, name })
            }
            Err(EngineError::Refused { message, .. })
                if connect::says_object_is_in_use(&message) =>
            {
                Err(EngineError::InUse {
                    kind,
                    name,
                    message,
                })
            }
            other => other,
        }
    }
}

impl DockerEngine {
    /// The fields of all services that are compared with stack files, by service name.
    pub(crate) fn service_fields(&self) -> Result<BTreeMap<String, ServiceFields>, EngineError> {
        self.runtime.block_on(async {
            let services: Vec<ComparedService> = self.list("services").await?;
            Ok(services.into_iter().map(ComparedService::read).collect())
        })
    }

    async fn volumes(&self) -> Result<WireVolumes, EngineError> {
        let patience = self.patience_with_plugins();
        let volumes = self.read_within(&patience, "listing volumes", "volumes");
        volumes.await.map_err(|error| match error {
            EngineError::TimedOut { host, .. } => EngineError::VolumePluginHangs { host },
            other => other,
        })
    }

    async fn create_one(&self, object: &NewObject) -> Result<(), EngineError> {
        let doing = format!("creating {} {}", object.kind, object.name);
        let created = self.ask(&doing, async || match object.kind {
            ObjectKind::Secret => self.docker.create_secret(secret_spec(object)).await,
            ObjectKind::Config => self.docker.create_config(config_spec(object)).await,
        });
        match created.await {
            Err(EngineError::Refused { status: 409, .. }) => Err(EngineError::NameTaken {
                kind: object.kind,
                name: object.name.to_string(),
            }),
            other => other.map(drop),
        }
    }
}

fn config_spec(object: &NewObject) -> ConfigSpec {
    ConfigSpec {
        name: Some(object.name.to_string()),
        labels: Some(labels(object)),
        data: Some(data(object)),
        templating: driver(object.template_driver.as_ref()),
    }
}

/// The only place that creates bollard's `SecretSpec`, whose `Debug` output would show its data. It is sent at once. From
/// then on, bollard owns the base64 text and does not wipe it, which is why this process forbids dumps of its memory.
fn secret_spec(object: &NewObject) -> SecretSpec {
    SecretSpec {
        name: Some(object.name.to_string()),
        labels: Some(labels(object)),
        data: Some(data(object)),
        driver: None,
        templating: driver(object.template_driver.as_ref()),
    }
}

fn labels(object: &NewObject) -> std::collections::HashMap<String, String> {
    let labels = object.labels.iter();
    labels
        .map(|(label, value)| (label.clone(), value.clone()))
        .collect()
}

fn driver(name: Option<&String>) -> Option<Driver> {
    name.map(|name| Driver {
        name: name.clone(),
        options: None,
    })
}

/// The content as base64 text. The chunks are joined first, since base64 must be encoded in one piece.
fn data(object: &NewObject) -> String {
    let mut joined = zeroize::Zeroizing::new(Vec::with_capacity(object.content.len()));
    for chunk in object.content.expose_chunks() {
        joined.extend_from_slice(chunk);
    }
    BASE64.encode(&joined)
}
