//! How far a service and its tasks are, as the engine tells it.

use std::time::Duration;

/// A service, its update and its tasks at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceState {
    /// Its name, that of the stack included.
    pub name: String,
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
    /// How far it is.
    pub phase: UpdatePhase,
    /// The engine's words about it.
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
    /// Its id.
    pub id: String,
    /// Its place in the service: a replica's number or, if there is one task on each node, the node.
    pub slot: String,
    /// How far it is.
    pub phase: TaskPhase,
    /// It is to run, now or when its delay is over.
    pub wanted: bool,
    /// It was made from the service's current spec (for a job: in its current run).
    pub current: bool,
    /// Why it failed or does not start.
    pub error: Option<String>,
    /// When it was made; later tasks of a service follow earlier ones.
    pub created_at: jiff::Timestamp,
}

/// How far a task is.
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
    /// True if the task will never run again.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Starting | Self::Running)
    }

    /// True if something went wrong with the task.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Rejected)
    }
}
