//! The template of a service's tasks. Each task has its own copy of it.

use serde::Deserialize;
use serde_json::Value;

use crate::stack::ObjectKind;
use crate::swarm::observed::inventory::Reference;

/// `TaskTemplate` of a service, `Spec` of a task.
#[derive(Deserialize, Default)]
#[serde(try_from = "Value")]
pub(crate) struct TaskSpec {
    fields: TaskSpecFields,
    /// All properties for which Swarm replaces a task if they change.
    comparable: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct TaskSpecFields {
    container_spec: Option<ContainerSpec>,
    networks: Option<Vec<NetworkAttachment>>,
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

/// A config that is mounted (`File`) or read by the engine (`Runtime`). Both count as use.
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

/// A network in a spec.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworkAttachment {
    #[serde(default)]
    target: String,
}

impl TryFrom<Value> for TaskSpec {
    type Error = serde_json::Error;

    fn try_from(mut sent: Value) -> Result<Self, Self::Error> {
        let fields = if sent.is_null() {
            TaskSpecFields::default()
        } else {
            TaskSpecFields::deserialize(&sent)?
        };
        if let Some(properties) = sent.as_object_mut() {
            // Swarm keeps tasks that still fit a changed placement (`IsTaskDirty` in swarmkit's `orchestrator/task.go`).
            // `Runtime` is set in a service's template only.
            properties.remove("Placement");
            properties.remove("Runtime");
        }
        let comparable = sent;
        Ok(Self { fields, comparable })
    }
}

impl TaskSpec {
    /// True if Swarm would not replace a task that has one of the specs when its service has the other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.comparable == other.comparable
    }

    /// The secrets and configs that it uses.
    pub(crate) fn uses(&self) -> Vec<Reference> {
        let Some(container) = &self.fields.container_spec else {
            return Vec::new();
        };
        let secrets = container.secrets.iter().flatten();
        let configs = container.configs.iter().flatten();
        let credentials = container
            .privileges
            .as_ref()
            .and_then(|privileges| privileges.credential_spec.as_ref()?.config.as_ref())
            .filter(|config| !config.is_empty());
        let reference = |kind, id: &str, name: Option<&String>| Reference {
            kind,
            id: id.to_owned(),
            name: name.cloned(),
        };
        let secrets =
            secrets.map(|secret| reference(ObjectKind::Secret, &secret.id, secret.name.as_ref()));
        let configs =
            configs.map(|config| reference(ObjectKind::Config, &config.id, config.name.as_ref()));
        // A spec names the config by its id, a stack file by its name. Search for both.
        let credentials = credentials.map(|id| reference(ObjectKind::Config, id, Some(id)));
        secrets.chain(configs).chain(credentials).collect()
    }

    /// The networks in the spec, by id or by name.
    pub(crate) fn networks(&self) -> impl Iterator<Item = String> {
        targets(self.fields.networks.as_deref())
    }
}

/// The networks of these attachments, by id or by name.
pub(crate) fn targets(attachments: Option<&[NetworkAttachment]>) -> impl Iterator<Item = String> {
    let attachments = attachments.unwrap_or_default().iter();
    attachments.map(|attachment| attachment.target.clone())
}
