//! The state of a service and its tasks, as the engine tells it.

use std::time::Duration;

/// A service, its update and its tasks at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceState {
    /// Its name, that of the stack included.
    pub name: String,
    /// A number that grows with each update of the service, even one that changes nothing.
    pub version: u64,
    /// How many tasks it wants.
    pub mode: Mode,
    /// Its update or rollback, if there has been one since its spec was last changed.
    pub update: Option<Update>,
    /// How long a new task must run before it counts.
    pub monitor: Duration,
    /// Its tasks, including those that are over and that the engine still remembers.
    pub tasks: Vec<TaskState>,
}

/// How many tasks a service wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Keep this many tasks running.
    Replicated(u64),
    /// Keep one task running on each node that fits.
    Global,
    /// Run this many tasks to their end.
    ReplicatedJob(u64),
    /// Run one task to its end on each node that fits.
    GlobalJob,
}

/// A service's update or rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    pub phase: UpdatePhase,
    /// The engine's own words about it.
    pub message: String,
}

/// The phase of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdatePhase {
    /// The update goes on.
    Updating,
    /// The engine has paused the update.
    Paused,
    /// The update is complete.
    Completed,
    /// The engine goes back to the previous spec.
    RollingBack,
    /// The engine has paused its way back.
    RollbackPaused,
    /// The engine has gone back to the previous spec.
    RolledBack,
}

/// A task of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskState {
    pub id: String,
    /// The place it fills: a replica's number, or a node if there is one task on each.
    pub slot: String,
    pub phase: TaskPhase,
    /// True if it is to run, now or after a delay.
    pub wanted: bool,
    /// True if it was made from the service's current spec (for a job: in its current run).
    pub current: bool,
    /// The reason why it failed or does not start.
    pub error: Option<String>,
    /// The time when it was made, which orders the tasks of a service.
    pub created_at: jiff::Timestamp,
}

/// The phase of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskPhase {
    /// The task does not run yet.
    Starting,
    Running,
    /// The task has ended with 0.
    Complete,
    /// The task has ended with an error.
    Failed,
    /// Its node has refused the task, which can't start.
    Rejected,
    /// The task has ended because it was told to.
    Over,
}

impl TaskPhase {
    /// True for a task that will never run again.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Starting | Self::Running)
    }

    /// True for a task that something went wrong with.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Rejected)
    }
}
