//! The state of a service and its tasks, as the engine reports it.

use std::time::Duration;

/// A service, its update and its tasks at one point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceState {
    /// Its name, which includes the name of its stack.
    pub name: String,
    /// A number that increases with each update of the service, even one without changes.
    pub version: u64,
    /// How many tasks it must have.
    pub mode: Mode,
    /// Its update or rollback, if there was one since its spec was last changed.
    pub update: Option<Update>,
    /// How long a new task must run before the engine counts it as started.
    pub monitor: Duration,
    /// Its tasks, including those that have ended and that the engine still lists.
    pub tasks: Vec<TaskState>,
}

/// How many tasks a service must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Keep this many tasks running.
    Replicated(u64),
    /// Keep one task running on each suitable node.
    Global,
    /// Run this many tasks to their end.
    ReplicatedJob(u64),
    /// Run one task to its end on each suitable node.
    GlobalJob,
}

/// A service's update or rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    pub phase: UpdatePhase,
    /// The engine's message about it.
    pub message: String,
}

/// The phase of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdatePhase {
    /// The update is in progress.
    Updating,
    /// The engine has paused the update.
    Paused,
    /// The update is complete.
    Completed,
    /// The engine is returning to the previous spec.
    RollingBack,
    /// The engine has paused the rollback.
    RollbackPaused,
    /// The engine has returned to the previous spec.
    RolledBack,
}

/// A task of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskState {
    pub id: String,
    /// The slot that it fills: a replica's number, or a node if each node has one task.
    pub slot: String,
    pub phase: TaskPhase,
    /// True if it must run, now or after a delay.
    pub wanted: bool,
    /// True if it was made from the service's current spec. For a job: if it belongs to the current run.
    pub current: bool,
    /// The reason why it failed or does not start.
    pub error: Option<String>,
    /// When it was created. Sorts the tasks of a service.
    pub created_at: jiff::Timestamp,
}

/// The phase of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskPhase {
    /// The task does not run yet.
    Starting,
    Running,
    /// The task has ended with exit code 0.
    Complete,
    /// The task has ended with another exit code.
    Failed,
    /// Its node has rejected the task: it can't start there.
    Rejected,
    /// The task was told to end, and has ended.
    Over,
}

impl TaskPhase {
    /// True for a task that will never run again.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Starting | Self::Running)
    }

    /// True for a task that has failed or was rejected.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Rejected)
    }
}
