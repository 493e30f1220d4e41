//! What is read of the daemon's JSON about the course of services and tasks.
//!
//! A task is of the service's current spec if its own spec is the same JSON: the daemon makes both from one type. Its
//! placement is left out, as by Swarm itself, which leaves tasks alone that still fit (`IsTaskDirty` in swarmkit's
//! `orchestrator/task.go`), and so is the runtime, which a service's says and a task's does not. Field names are those of the Engine API.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::swarm::observed::service::{
    Mode, ServiceState, TaskPhase, TaskState, Update, UpdatePhase,
};

/// Swarm's own (`api/defaults/service.go` of swarmkit).
const DEFAULT_MONITOR: Duration = Duration::from_secs(5);

/// Anything with a name.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Named {
    #[serde(default)]
    pub(crate) name: String,
}

/// An item of `GET /services`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Service {
    #[serde(rename = "ID")]
    id: String,
    spec: ServiceSpec,
    update_status: Option<UpdateStatus>,
    job_status: Option<JobStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceSpec {
    #[serde(default)]
    name: String,
    #[serde(default)]
    task_template: Value,
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
    /// Nanoseconds.
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
    job_iteration: Option<Version>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Version {
    #[serde(default)]
    index: u64,
}

/// An item of `GET /tasks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Task {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "ServiceID", default)]
    service_id: String,
    #[serde(rename = "NodeID", default)]
    node_id: String,
    slot: Option<u64>,
    created_at: Timestamp,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    desired_state: String,
    status: Option<TaskStatus>,
    job_iteration: Option<Version>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskStatus {
    #[serde(default)]
    state: String,
    #[serde(default)]
    err: String,
}

/// Puts services and their tasks together.
pub(crate) fn read(services: Vec<Service>, tasks: &[Task]) -> Vec<ServiceState> {
    let read = |service: Service| {
        let template = comparable(&service.spec.task_template);
        let own = tasks.iter().filter(|task| task.service_id == service.id);
        ServiceState {
            mode: service.mode(),
            update: service.update_status.as_ref().and_then(UpdateStatus::read),
            monitor: service.monitor(),
            tasks: own.map(|task| task.read(&service, &template)).collect(),
            name: service.spec.name,
        }
    };
    services.into_iter().map(read).collect()
}

impl Service {
    fn mode(&self) -> Mode {
        let mode = self.spec.mode.as_ref().and_then(|mode| mode.iter().next());
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
        let config = self.spec.update_config.as_ref();
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

impl Task {
    fn read(&self, service: &Service, template: &Value) -> TaskState {
        let status = self.status.as_ref();
        let phase = match status.map_or("", |status| status.state.as_str()) {
            "running" => TaskPhase::Running,
            "complete" => TaskPhase::Complete,
            "failed" => TaskPhase::Failed,
            "rejected" => TaskPhase::Rejected,
            "shutdown" | "remove" | "orphaned" => TaskPhase::Over,
            _ => TaskPhase::Starting,
        };
        let iteration = service.job_status.as_ref();
        let iteration = iteration.and_then(|status| status.job_iteration.as_ref());
        TaskState {
            id: self.id.clone(),
            slot: match self.slot {
                Some(slot) if slot > 0 => slot.to_string(),
                _ => self.node_id.clone(),
            },
            phase,
            wanted: !phase.is_over()
                && !matches!(
                    self.desired_state.as_str(),
                    "shutdown" | "failed" | "rejected" | "remove" | "orphaned"
                ),
            current: match iteration {
                Some(iteration) => self.job_iteration.as_ref() == Some(iteration),
                None => comparable(&self.spec) == *template,
            },
            error: status
                .map(|status| status.err.clone())
                .filter(|error| !error.is_empty()),
            created_at: self.created_at,
        }
    }
}

fn comparable(spec: &Value) -> Value {
    let mut spec = spec.clone();
    if let Some(properties) = spec.as_object_mut() {
        properties.remove("Placement");
        properties.remove("Runtime");
    }
    spec
}
