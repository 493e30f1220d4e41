//! The state of a service on its way to what its spec says.

use std::fmt;

/// The state of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The service has not converged yet.
    Waiting(Progress),
    /// Everything runs as the spec says, and has done so for the service's monitor time.
    Converged(Progress),
    /// The service can't converge without help.
    Broken(Breakage),
}

/// How many tasks run, and how many are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How many tasks of the current spec run. For a job: how many have ended well.
    pub running: u64,
    /// How many tasks are wanted.
    pub wanted: u64,
    /// Its current activity.
    pub doing: Doing,
}

/// The current activity of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// Tasks start.
    Starting,
    /// Something keeps tasks from starting. These are the engine's words about it.
    Held(String),
    /// Tasks of an older spec are replaced.
    Updating,
    /// The engine goes back to the previous spec.
    RollingBack,
    /// All tasks run, but not for long enough yet.
    Settling,
    /// All is as it should be.
    Done,
}

/// The reason why a service will not converge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breakage {
    /// The engine has paused its update.
    UpdatePaused {
        /// The engine's own words.
        message: String,
        /// The task's own error.
        error: Option<String>,
    },
    /// The engine has gone back to the previous spec.
    RolledBack {
        /// The task's own error.
        error: Option<String>,
    },
    /// The engine has paused its way back to the previous spec.
    RollbackPaused {
        /// The engine's own words.
        message: String,
        /// The task's own error.
        error: Option<String>,
    },
    /// A task can't start.
    CannotStart {
        /// The task's own error.
        error: String,
    },
    /// Tasks start and fail.
    KeepsFailing {
        /// The error of the last task.
        error: String,
    },
    /// The service was removed while it was waited for.
    Gone,
}

/// True if these words of the engine are about an image that can't be had.
pub(crate) fn is_about_image(words: &str) -> bool {
    let words = words.to_lowercase();
    ["no such image", "pull", "manifest", "registry"]
        .iter()
        .any(|sign| words.contains(sign))
}

impl Breakage {
    /// The task's own error, if it has one.
    pub(crate) fn error(&self) -> Option<&str> {
        match self {
            Self::UpdatePaused { error, .. }
            | Self::RolledBack { error }
            | Self::RollbackPaused { error, .. } => error.as_deref(),
            Self::CannotStart { error } | Self::KeepsFailing { error } => Some(error),
            Self::Gone => None,
        }
    }

    /// True if the engine has paused an update although no task failed: tasks have ended with 0 too early.
    pub(crate) fn is_by_early_end(&self) -> bool {
        matches!(self, Self::UpdatePaused { error: None, .. })
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            running, wanted, ..
        } = self;
        write!(formatter, "{running} of {wanted}")?;
        match &self.doing {
            Doing::Starting => formatter.write_str(", starting"),
            Doing::Held(why) => write!(formatter, ", waiting: {why}"),
            Doing::Updating => formatter.write_str(", updating"),
            Doing::RollingBack => formatter.write_str(", rolling back"),
            Doing::Settling => formatter.write_str(", settling"),
            Doing::Done => Ok(()),
        }
    }
}

impl fmt::Display for Breakage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let because = |error: &Option<String>| match error {
            Some(error) => format!(": {error}"),
            None => String::new(),
        };
        match self {
            Self::UpdatePaused { message, error } => {
                write!(formatter, "{message}{}", because(error))
            }
            Self::RolledBack { error } => {
                write!(formatter, "rolled back by Docker{}", because(error))
            }
            Self::RollbackPaused { message, error } => {
                write!(formatter, "{message}{}", because(error))
            }
            Self::CannotStart { error } => write!(formatter, "a task can't start: {error}"),
            Self::KeepsFailing { error } => write!(formatter, "its tasks fail: {error}"),
            Self::Gone => formatter.write_str("it was removed meanwhile"),
        }
    }
}
