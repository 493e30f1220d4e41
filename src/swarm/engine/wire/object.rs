//! What is read of the daemon's JSON listings.
//!
//! These are not bollard's models, because those drop a service's `PreviousSpec`, keep the content of every config,
//! and refuse a whole listing for one value that a newer engine has invented. Field names are those of the Engine API
//! (`api/swagger.yaml` of moby); everything that may be missing may be missing here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::stack::ObjectKind;
use crate::swarm::observed::inventory::{Reference, SwarmObject, SwarmService, SwarmTask};

/// Task states that a task does not leave (`api/types.proto` of swarmkit: everything after `running`).
const OVER: [&str; 6] = [
    "complete", "shutdown", "failed", "rejected", "remove", "orphaned",
];

/// An item of `GET /secrets` or `GET /configs`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Object {
    #[serde(rename = "ID")]
    id: String,
    created_at: Timestamp,
    spec: ObjectSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ObjectSpec {
    name: String,
    labels: Option<BTreeMap<String, String>>,
    templating: Option<Driver>,
    driver: Option<Driver>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Driver {
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceSpec {
    #[serde(default)]
    name: String,
    task_template: Option<TaskSpec>,
}

/// An item of `GET /tasks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Task {
    #[serde(rename = "ServiceID", default)]
    service_id: String,
    spec: Option<TaskSpec>,
    status: Option<TaskStatus>,
    #[serde(default)]
    desired_state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskStatus {
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskSpec {
    container_spec: Option<ContainerSpec>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContainerSpec {
    secrets: Option<Vec<SecretReference>>,
    configs: Option<Vec<ConfigReference>>,
    privileges: Option<Privileges>,
}

#[derive(Deserialize)]
struct SecretReference {
    #[serde(rename = "SecretID", default)]
    id: String,
    #[serde(rename = "SecretName")]
    name: Option<String>,
}

/// A config that is mounted (`File`) or read by the engine (`Runtime`): both need it.
#[derive(Deserialize)]
struct ConfigReference {
    #[serde(rename = "ConfigID", default)]
    id: String,
    #[serde(rename = "ConfigName")]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Privileges {
    credential_spec: Option<CredentialSpec>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialSpec {
    config: Option<String>,
}

impl Object {
    pub(crate) fn read(self, kind: ObjectKind) -> SwarmObject {
        let name_of = |driver: Option<Driver>| {
            driver
                .map(|driver| driver.name)
                .filter(|name| !name.is_empty())
        };
        SwarmObject {
            id: self.id,
            kind,
            name: self.spec.name,
            labels: self.spec.labels.unwrap_or_default().into(),
            created_at: self.created_at,
            template_driver: name_of(self.spec.templating),
            driver: name_of(self.spec.driver),
        }
    }
}

impl Service {
    pub(crate) fn read(self) -> SwarmService {
        let uses = |spec: ServiceSpec| spec.task_template.map(TaskSpec::uses).unwrap_or_default();
        SwarmService {
            name: self.spec.name.clone(),
            current: uses(self.spec),
            previous: self.previous_spec.map(uses).unwrap_or_default(),
        }
    }
}

impl Task {
    /// The task, unless it is over and not to run again. What is not known counts as running: a task on a node that
    /// is down, a job's task whose desired state is `complete`, a state of a newer engine.
    pub(crate) fn read(self) -> Option<SwarmTask> {
        let state = self.status.map(|status| status.state).unwrap_or_default();
        if is_over(&state, &self.desired_state) {
            return None;
        }
        Some(SwarmTask {
            service: self.service_id,
            uses: self.spec.map(TaskSpec::uses).unwrap_or_default(),
        })
    }
}

/// True for a task that is over and not to run again.
pub(crate) fn is_over(state: &str, desired: &str) -> bool {
    [state, desired].iter().all(|state| OVER.contains(state))
}

impl TaskSpec {
    fn uses(self) -> Vec<Reference> {
        let Some(container) = self.container_spec else {
            return Vec::new();
        };
        let secrets = container.secrets.unwrap_or_default().into_iter();
        let configs = container.configs.unwrap_or_default().into_iter();
        let credentials = container
            .privileges
            .and_then(|privileges| privileges.credential_spec?.config)
            .filter(|config| !config.is_empty());
        let secrets = secrets.map(|secret| (ObjectKind::Secret, secret.id, secret.name));
        let configs = configs.map(|config| (ObjectKind::Config, config.id, config.name));
        // A spec names it by its id, a stack file by its name: it counts as either.
        let credentials = credentials.map(|id| (ObjectKind::Config, id.clone(), Some(id)));
        secrets
            .chain(configs)
            .chain(credentials)
            .map(|(kind, id, name)| Reference { kind, id, name })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_without_its_content() {
        let config: Object = serde_json::from_str(
            r#"{"ID": "i1", "Version": {"Index": 11}, "CreatedAt": "2026-11-22T16:42:22.299613705Z",
                "Spec": {"Name": "c", "Labels": {"a": "b"}, "Data": "AAAA", "Templating": {"Name": "golang"}}}"#,
        )
        .expect("it is the API's form");
        let config = config.read(ObjectKind::Config);
        assert_eq!((config.id.as_str(), config.name.as_str()), ("i1", "c"));
        assert_eq!(config.template_driver.as_deref(), Some("golang"));
        assert_eq!(config.driver, None);
        let bare = r#"{"ID": "i", "CreatedAt": "2026-11-22T16:42:22Z", "Spec": {"Name": "s", "Labels": null}}"#;
        let bare: Object = serde_json::from_str(bare).expect("labels may be null");
        assert_eq!(bare.read(ObjectKind::Secret).labels, BTreeMap::new().into());
    }

    #[test]
    fn every_way_to_use_an_object_is_seen() {
        let service: Service = serde_json::from_str(
            r#"{"Spec": {"Name": "web_nginx", "TaskTemplate": {"ContainerSpec": {
                    "Secrets": [{"File": {"Name": "x"}, "SecretID": "s1", "SecretName": "token"}],
                    "Configs": [{"Runtime": {}, "ConfigID": "c1", "ConfigName": "creds"}],
                    "Privileges": {"CredentialSpec": {"Config": "c2"}}}}},
                "PreviousSpec": {"Name": "web_nginx", "TaskTemplate": {"ContainerSpec": {
                    "Secrets": [{"SecretID": "s0"}]}}}}"#,
        )
        .expect("it is the API's form");
        let service = service.read();
        let ids = |uses: &[Reference]| uses.iter().map(|used| used.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&service.current), ["s1", "c1", "c2"]);
        assert_eq!(ids(&service.previous), ["s0"]);

        let plugin =
            r#"{"Spec": {"Name": "p", "TaskTemplate": {"PluginSpec": {}, "Runtime": "plugin"}}}"#;
        let plugin: Service = serde_json::from_str(plugin).expect("it is the API's form");
        assert_eq!(plugin.read().current, []);
    }

    #[test]
    fn only_a_task_that_is_over_for_good_does_not_count() {
        for (state, desired, counts) in [
            ("running", "running", true),
            ("pending", "ready", true),
            ("running", "shutdown", true),
            ("running", "complete", true),
            ("failed", "running", true),
            ("hibernating", "shutdown", true),
            ("complete", "complete", false),
            ("failed", "shutdown", false),
            ("orphaned", "shutdown", false),
        ] {
            let task = format!(
                r#"{{"ServiceID": "s", "Spec": {{"ContainerSpec": {{}}}},
                    "Status": {{"State": "{state}"}}, "DesiredState": "{desired}"}}"#
            );
            let task: Task = serde_json::from_str(&task).expect("it is the API's form");
            assert_eq!(task.read().is_some(), counts, "{state}, {desired}");
        }
    }
}
