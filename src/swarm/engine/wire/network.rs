//! What is read of the daemon's JSON about networks; as in [`super::wire`], everything that may be missing may be
//! missing here.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::Deserialize;

use super::object::is_over;
use crate::swarm::observed::network::{NetworkedService, SwarmNetwork};

/// An item of `GET /networks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Network {
    id: String,
    name: String,
    created: Timestamp,
    #[serde(default)]
    driver: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    ingress: bool,
    labels: Option<BTreeMap<String, String>>,
}

/// `GET /networks/{id}`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworkDetails {
    containers: Option<BTreeMap<String, Endpoint>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    #[serde(default)]
    name: String,
}

/// An item of `GET /services`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Service {
    spec: ServiceSpec,
    previous_spec: Option<ServiceSpec>,
}

/// Networks are named in the template of its tasks, or, by clients from before API 1.25, beside it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceSpec {
    #[serde(default)]
    name: String,
    labels: Option<BTreeMap<String, String>>,
    task_template: Option<TaskSpec>,
    networks: Option<Vec<Attachment>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskSpec {
    networks: Option<Vec<Attachment>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment {
    #[serde(default)]
    target: String,
}

/// An item of `GET /tasks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Task {
    spec: Option<TaskSpec>,
    status: Option<TaskStatus>,
    #[serde(default)]
    desired_state: String,
    networks_attachments: Option<Vec<TaskAttachment>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskStatus {
    #[serde(default)]
    state: String,
    container_status: Option<ContainerStatus>,
}

#[derive(Deserialize)]
struct ContainerStatus {
    #[serde(rename = "ContainerID", default)]
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskAttachment {
    network: Option<AttachedNetwork>,
}

#[derive(Deserialize)]
struct AttachedNetwork {
    #[serde(rename = "ID", default)]
    id: String,
}

impl Network {
    pub(crate) fn is_overlay(&self) -> bool {
        self.driver == "overlay" && self.scope == "swarm" && !self.ingress
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn read(self, containers: Vec<String>) -> SwarmNetwork {
        SwarmNetwork {
            id: self.id,
            name: self.name,
            labels: self.labels.unwrap_or_default().into(),
            created_at: self.created,
            containers,
        }
    }
}

impl NetworkDetails {
    /// Names of the containers that are neither in `tasks` nor the engine's own load balancer.
    pub(crate) fn containers_beside(self, tasks: &HashSet<&str>) -> Vec<String> {
        let containers = self.containers.unwrap_or_default().into_iter();
        let others =
            containers.filter(|(id, _)| !id.starts_with("lb-") && !tasks.contains(id.as_str()));
        others.map(|(_, endpoint)| endpoint.name).collect()
    }
}

impl Service {
    pub(crate) fn read(self) -> NetworkedService {
        let labels = self.spec.labels.clone().unwrap_or_default().into();
        NetworkedService {
            name: self.spec.name.clone(),
            labels,
            current: self.spec.networks(),
            previous: self
                .previous_spec
                .map(ServiceSpec::networks)
                .unwrap_or_default(),
        }
    }
}

impl ServiceSpec {
    fn networks(self) -> Vec<String> {
        let of_tasks = self.task_template.and_then(|template| template.networks);
        targets(of_tasks).chain(targets(self.networks)).collect()
    }
}

impl Task {
    pub(crate) fn container(&self) -> Option<&str> {
        let status = self.status.as_ref()?.container_status.as_ref()?;
        Some(status.id.as_str())
    }

    /// The networks that it is on or is to be on; none once it is over.
    pub(crate) fn read(self) -> Vec<String> {
        let state = self.status.map(|status| status.state).unwrap_or_default();
        if is_over(&state, &self.desired_state) {
            return Vec::new();
        }
        let attached = self.networks_attachments.unwrap_or_default().into_iter();
        let attached = attached.filter_map(|attachment| Some(attachment.network?.id));
        targets(self.spec.and_then(|spec| spec.networks))
            .chain(attached)
            .collect()
    }
}

fn targets(attachments: Option<Vec<Attachment>>) -> impl Iterator<Item = String> {
    let attachments = attachments.unwrap_or_default().into_iter();
    attachments.map(|attachment| attachment.target)
}
