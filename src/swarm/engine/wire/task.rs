//! Tasks in the daemon's listings.

use jiff::Timestamp;
use serde::Deserialize;

use super::task_spec::TaskSpec;
use crate::swarm::observed::inventory::SwarmTask;
use crate::swarm::observed::service::{TaskPhase, TaskState};

/// The final states of a task (`api/types.proto` of swarmkit: everything after `running`).
const OVER: [&str; 6] = [
    "complete", "shutdown", "failed", "rejected", "remove", "orphaned",
];

/// An item of `GET /tasks`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireTask {
    #[serde(rename = "ID", default)]
    id: String,
    #[serde(rename = "ServiceID", default)]
    pub(super) service_id: String,
    #[serde(rename = "NodeID", default)]
    node_id: String,
    slot: Option<u64>,
    #[serde(default)]
    created_at: Timestamp,
    #[serde(default)]
    spec: TaskSpec,
    #[serde(default)]
    desired_state: String,
    status: Option<TaskStatus>,
    job_iteration: Option<ObjectVersion>,
    networks_attachments: Option<Vec<TaskAttachment>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskStatus {
    #[serde(default)]
    state: String,
    #[serde(default)]
    err: String,
    container_status: Option<ContainerStatus>,
}

#[derive(Deserialize)]
struct ContainerStatus {
    #[serde(rename = "ContainerID", default)]
    id: String,
}

/// The version of an object in Swarm's store.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ObjectVersion {
    #[serde(default)]
    pub(super) index: u64,
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

impl WireTask {
    /// The task with what it uses. `None` if it has ended and will not run again.
    pub(crate) fn user(&self) -> Option<SwarmTask> {
        (!self.is_over()).then(|| SwarmTask {
            service: self.service_id.clone(),
            uses: self.spec.uses(),
        })
    }

    /// The networks that it is or will be attached to. Empty if it has ended.
    pub(crate) fn networks(&self) -> Vec<String> {
        if self.is_over() {
            return Vec::new();
        }
        let attached = self.networks_attachments.iter().flatten();
        let attached =
            attached.filter_map(|attachment| Some(attachment.network.as_ref()?.id.clone()));
        self.spec.networks().chain(attached).collect()
    }

    /// The id of its container.
    pub(crate) fn container(&self) -> Option<&str> {
        let container = self.status.as_ref()?.container_status.as_ref()?;
        Some(container.id.as_str())
    }

    /// The state of the task, compared with its service's template and, for a job, with the service's current iteration.
    pub(super) fn state(
        &self,
        template: &TaskSpec,
        iteration: Option<&ObjectVersion>,
    ) -> TaskState {
        let status = self.status.as_ref();
        let phase = match status.map_or("", |status| status.state.as_str()) {
            "running" => TaskPhase::Running,
            "complete" => TaskPhase::Complete,
            "failed" => TaskPhase::Failed,
            "rejected" => TaskPhase::Rejected,
            "shutdown" | "remove" | "orphaned" => TaskPhase::Over,
            _ => TaskPhase::Starting,
        };
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
                None => self.spec.is_same(template),
            },
            error: status
                .map(|status| status.err.clone())
                .filter(|error| !error.is_empty()),
            created_at: self.created_at,
        }
    }

    /// True for a task that has ended and will not run again. Any other task counts as running: one on a node that is down,
    /// one of a job with the desired state `complete`, one in a state that only newer engines know.
    fn is_over(&self) -> bool {
        let state = self
            .status
            .as_ref()
            .map_or("", |status| status.state.as_str());
        [state, self.desired_state.as_str()]
            .iter()
            .all(|state| OVER.contains(state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                r#"{{"ServiceID": "s", "Spec": {{"ContainerSpec": {{}}, "Networks": [{{"Target": "n1"}}]}},
                    "NetworksAttachments": [{{"Network": {{"ID": "n2"}}}}],
                    "Status": {{"State": "{state}"}}, "DesiredState": "{desired}"}}"#
            );
            let task: WireTask = serde_json::from_str(&task).expect("it is the API's form");
            assert_eq!(task.user().is_some(), counts, "{state}, {desired}");
            let networks: &[&str] = if counts { &["n1", "n2"] } else { &[] };
            assert_eq!(task.networks(), networks, "{state}, {desired}");
        }
    }
}
