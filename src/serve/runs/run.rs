//! A run and its state.

use jiff::Timestamp;

use super::entry::{Cause, RunId, RunResult};

/// A run and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackRun {
    pub target: String,
    /// The commit that was pushed. Once the run has ended, the commit that it tried; `None` if the run was held back.
    pub commit: Option<String>,
    pub because: Cause,
    pub accepted: Timestamp,
    pub state: RunState,
    /// When `state` last changed.
    pub since: Timestamp,
    /// When the run first had to wait.
    pub waits_since: Option<Timestamp>,
    /// True if the run ended because docker has given up on the commit.
    pub is_given_up: bool,
    pub log_lines: Vec<String>,
}

/// The state of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunState {
    Pending,
    /// The run can't go on before something changes.
    Waiting {
        reason: String,
    },
    Running,
    /// A later run of the same stack replaces this one.
    Overtaken {
        by: RunId,
    },
    Ended(RunResult),
}

impl RunState {
    /// A word for people and programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting { .. } => "waiting",
            Self::Running => "running",
            Self::Overtaken { .. } => "overtaken",
            Self::Ended(result) => result.word(),
        }
    }
}

impl StackRun {
    /// True if the run has not started or waits.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, RunState::Pending | RunState::Waiting { .. })
    }

    /// True if nothing will happen to it any more.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, RunState::Ended(_) | RunState::Overtaken { .. })
    }

    /// True if it ended without a try, since somebody has gone back from the newest commit. It says nothing about how the stack is.
    pub(crate) fn is_held_back(&self) -> bool {
        self.state == RunState::Ended(RunResult::NothingToDo) && self.commit.is_none()
    }
}
