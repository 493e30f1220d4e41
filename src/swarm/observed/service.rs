//! How a service and its tasks stand, as the engine tells it.

use std::time::Duration;

/// A service, its update and its tasks at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceState {
    /// Its name, that of the stack included.
    pub name: String,
    /// A number that grows with each change of the service, even one that changes nothing.
    pub version: u64,
    /// How many tasks it wants.
    pub mode: Mode,
    /// Its update or rollback, if there has been one since its spec was last changed.
    pub update: Option<Update>,
    /// How long a new task must run before it counts.
    pub monitor: Duration,
    /// Its tasks, those that are over included, as far as the engine remembers them.
    pub tasks: Vec<TaskState>,
}

/// How many tasks a service wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Keep this many tasks running.
    Replicated(u64),
    /// One on each node that fits, all the time.
    Global,
    /// Run this many tasks to their end.
    ReplicatedJob(u64),
    /// One on each node that fits, to its end.
    GlobalJob,
}

/// A service's update or rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// How far it is.
    pub phase: UpdatePhase,
    /// The engine's own words about it.
    pub message: String,
}

/// How far an update is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdatePhase {
    /// Going on.
    Updating,
    /// Given up half-way.
    Paused,
    /// Done.
    Completed,
    /// Going back.
    RollingBack,
    /// Given up while going back.
    RollbackPaused,
    /// Gone back.
    RolledBack,
}

/// A task of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskState {
    pub id: String,
    /// The place it fills: a replica's number, or a node if there is one task on each.
    pub slot: String,
    pub phase: TaskPhase,
    /// It is to run, now or when its delay is over.
    pub wanted: bool,
    /// It was made from the service's current spec (for a job: in its current run).
    pub current: bool,
    /// The reason why it failed or does not start.
    pub error: Option<String>,
    /// A number that orders the tasks of a service: later ones have greater numbers.
    pub created_at: jiff::Timestamp,
}

/// The phase of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskPhase {
    /// Not running yet.
    Starting,
    /// Running.
    Running,
    /// Ended well.
    Complete,
    /// Ended badly.
    Failed,
    /// Refused by its node: it can't start.
    Rejected,
    /// Ended because it was told to.
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
