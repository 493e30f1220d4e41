//! How a service and its tasks stand, as the engine tells it.

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
    /// So many, all the time.
    Replicated(u64),
    /// One on each node that fits, all the time.
    Global,
    /// So many that run to their end.
    ReplicatedJob(u64),
    /// One on each node that fits, to its end.
    GlobalJob,
}

/// A service's update or rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// How far it is.
    pub phase: UpdatePhase,
    /// What the engine says about it.
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
    /// What it fills: a replica's number, or a node where there is one task on each.
    pub slot: String,
    /// What it is doing.
    pub phase: TaskPhase,
    /// It is to run, now or when its delay is over.
    pub wanted: bool,
    /// It was made from the service's current spec (for a job: in its current run).
    pub current: bool,
    /// What went wrong with it, or keeps it from starting.
    pub error: Option<String>,
    /// What orders the tasks of a service: later ones are greater.
    pub created_at: jiff::Timestamp,
}

/// What a task is doing.
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
