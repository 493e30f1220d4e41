//! Services in the daemon's listings.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::task::{ObjectVersion, WireTask};
use super::task_spec::{NetworkAttachment, TaskSpec, targets};
use crate::swarm::observed::inventory::SwarmService;
use crate::swarm::observed::labels::Labels;
use crate::swarm::observed::network::NetworkedService;
use crate::swarm::observed::service::{Mode, ServiceState, Update, UpdatePhase};

/// Swarm's default for `monitor` in `update_config` (`api/defaults/service.go` of swarmkit).
const DEFAULT_MONITOR: Duration = Duration::from_secs(5);

/// An item of `GET /services`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireService {
    #[serde(rename = "ID", default)]
    id: String,
    version: Option<ObjectVersion>,
    spec: ServiceSpec,
    previous_spec: Option<ServiceSpec>,
    update_status: Option<UpdateStatus>,
    job_status: Option<JobStatus>,
}

/// The spec of a service. Networks are in the template of its tasks, or outside of it if the client's API is older than
/// 1.25.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceSpec {
    #[serde(default)]
    name: String,
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    task_template: TaskSpec,
    networks: Option<Vec<NetworkAttachment>>,
    mode: Option<BTreeMap<String, ModeOptions>>,
    update_config: Option<UpdateConfig>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ModeOptions {
    replicas: Option<u64>,
    total_completions: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateConfig {
    /// The monitor time in nanoseconds.
    #[serde(default)]
    monitor: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateStatus {
    #[serde(default)]
    state: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobStatus {
    job_iteration: Option<ObjectVersion>,
}

impl WireService {
    /// The service with the secrets and configs that it uses.
    pub(crate) fn user(&self) -> SwarmService {
        let uses = |spec: &ServiceSpec| spec.task_template.uses();
        SwarmService {
            name: self.spec.name.clone(),
            stack: Labels::from(self.spec.labels.clone().unwrap_or_default())
                .stack()
                .map(str::to_owned),
            is_job: matches!(self.spec.mode(), Mode::ReplicatedJob(_) | Mode::GlobalJob),
            current: uses(&self.spec),
            previous: self.previous_spec.as_ref().map(uses).unwrap_or_default(),
        }
    }

    /// The service with the networks that it is attached to.
    pub(crate) fn networked(&self) -> NetworkedService {
        let previous = self.previous_spec.as_ref().map(ServiceSpec::networks);
        NetworkedService {
            name: self.spec.name.clone(),
            labels: self.spec.labels.clone().unwrap_or_default().into(),
            current: self.spec.networks(),
            previous: previous.unwrap_or_default(),
        }
    }

    /// The state of the service and of its own tasks among `tasks`.
    pub(crate) fn state(&self, tasks: &[WireTask]) -> ServiceState {
        let iteration = self.job_status.as_ref();
        let iteration = iteration.and_then(|status| status.job_iteration.as_ref());
        let own = tasks.iter().filter(|task| task.service_id == self.id);
        ServiceState {
            name: self.spec.name.clone(),
            version: self.version.as_ref().map_or(0, |version| version.index),
            mode: self.spec.mode(),
            update: self.update_status.as_ref().and_then(UpdateStatus::read),
            monitor: self.spec.monitor(),
            tasks: own
                .map(|task| task.state(&self.spec.task_template, iteration))
                .collect(),
        }
    }
}

impl ServiceSpec {
    fn networks(&self) -> Vec<String> {
        let beside = targets(self.networks.as_deref());
        self.task_template.networks().chain(beside).collect()
    }

    fn mode(&self) -> Mode {
        let mode = self.mode.as_ref().and_then(|mode| mode.iter().next());
        match mode.map(|(name, options)| (name.as_str(), options)) {
            Some(("Global", _)) => Mode::Global,
            Some(("GlobalJob", _)) => Mode::GlobalJob,
            Some(("ReplicatedJob", options)) => {
                Mode::ReplicatedJob(options.total_completions.unwrap_or(1))
            }
            Some((_, options)) => Mode::Replicated(options.replicas.unwrap_or(1)),
            None => Mode::Replicated(1),
        }
    }

    fn monitor(&self) -> Duration {
        let config = self.update_config.as_ref();
        match config.map_or(0, |config| config.monitor) {
            0 => DEFAULT_MONITOR,
            nanoseconds => Duration::from_nanos(nanoseconds),
        }
    }
}

impl UpdateStatus {
    fn read(&self) -> Option<Update> {
        let phase = match self.state.as_str() {
            "updating" => UpdatePhase::Updating,
            "paused" => UpdatePhase::Paused,
            "completed" => UpdatePhase::Completed,
            "rollback_started" => UpdatePhase::RollingBack,
            "rollback_paused" => UpdatePhase::RollbackPaused,
            "rollback_completed" => UpdatePhase::RolledBack,
            _ => return None,
        };
        Some(Update {
            phase,
            message: self.message.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::observed::inventory::Reference;

    fn service(json: &str) -> WireService {
        serde_json::from_str(json).expect("it is the API's form")
    }

    #[test]
    fn every_way_to_use_an_object_is_seen() {
        let used = service(
            r#"{"Spec": {"Name": "web_nginx", "TaskTemplate": {"ContainerSpec": {
                    "Secrets": [{"File": {"Name": "x"}, "SecretID": "s1", "SecretName": "token"}],
                    "Configs": [{"Runtime": {}, "ConfigID": "c1", "ConfigName": "creds"}],
                    "Privileges": {"CredentialSpec": {"Config": "c2"}}}}},
                "PreviousSpec": {"Name": "web_nginx", "TaskTemplate": {"ContainerSpec": {
                    "Secrets": [{"SecretID": "s0"}]}}}}"#,
        );
        let used = used.user();
        let ids = |uses: &[Reference]| uses.iter().map(|used| used.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&used.current), ["s1", "c1", "c2"]);
        assert_eq!(ids(&used.previous), ["s0"]);

        let plugin =
            r#"{"Spec": {"Name": "p", "TaskTemplate": {"PluginSpec": {}, "Runtime": "plugin"}}}"#;
        assert_eq!(service(plugin).user().current, []);
    }

    #[test]
    fn networks_are_seen_in_the_template_and_beside_it() {
        let networked = service(
            r#"{"Spec": {"Name": "web_nginx", "Labels": {"com.docker.stack.namespace": "web"},
                    "TaskTemplate": {"Networks": [{"Target": "n1"}]}, "Networks": [{"Target": "n2"}]},
                "PreviousSpec": {"TaskTemplate": null, "Networks": [{"Target": "n3"}]}}"#,
        );
        let networked = networked.networked();
        assert_eq!(networked.labels.stack(), Some("web"));
        assert_eq!(
            (&networked.current[..], &networked.previous[..]),
            (
                &["n1".to_owned(), "n2".to_owned()][..],
                &["n3".to_owned()][..]
            )
        );
    }

    #[test]
    fn a_reference_that_can_not_be_read_fails_the_listing_instead_of_looking_unused() {
        let odd = r#"{"Spec": {"TaskTemplate": {"ContainerSpec": {"Secrets": "all"}}}}"#;
        assert!(serde_json::from_str::<WireService>(odd).is_err());
    }

    #[test]
    fn a_task_is_current_whatever_its_placement_and_runtime() {
        let tasks: Vec<WireTask> = serde_json::from_str(
            r#"[{"ID": "t1", "ServiceID": "s", "Slot": 1, "CreatedAt": "2026-11-22T16:42:22Z", "DesiredState": "running",
                  "Status": {"State": "running"}, "Spec": {"ContainerSpec": {"Image": "a"}, "Placement": {"x": 1}}},
                {"ID": "t2", "ServiceID": "s", "Slot": 2, "Status": {"State": "failed", "Err": "oh"},
                  "Spec": {"ContainerSpec": {"Image": "b"}}},
                {"ID": "t3", "ServiceID": "other"}]"#,
        )
        .expect("it is the API's form");
        let state = service(
            r#"{"ID": "s", "Spec": {"Name": "n", "Mode": {"Replicated": {"Replicas": 2}},
                "TaskTemplate": {"ContainerSpec": {"Image": "a"}, "Runtime": "container"}}}"#,
        )
        .state(&tasks);
        assert_eq!(state.mode, Mode::Replicated(2));
        assert_eq!(state.monitor, DEFAULT_MONITOR);
        let told: Vec<_> = state
            .tasks
            .iter()
            .map(|task| (task.id.as_str(), task.current, task.wanted))
            .collect();
        assert_eq!(told, [("t1", true, true), ("t2", false, false)]);
        assert_eq!(state.tasks[1].error.as_deref(), Some("oh"));
    }
}
