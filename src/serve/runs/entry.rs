//! Journal entries: one for each event of a run.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The number of a run. A later run has a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RunId(pub u64);

/// Maximum run number that is accepted in a file. JSON readers that use floating point still read it exactly.
const LARGEST: RunId = RunId(1 << 53);

/// An event of a run, with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalEntry {
    pub run: RunId,
    pub at: Timestamp,
    #[serde(flatten)]
    pub event: RunEvent,
}

/// An event of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "happened",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum RunEvent {
    /// The run was accepted.
    Accepted {
        /// The name of the stack.
        target: String,
        /// The commit that was pushed; `None` for the newest commit of the branch.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        commit: Option<String>,
        /// The id of the delivery that asked for the run.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        delivery: Option<String>,
        because: Cause,
    },
    /// The run started. An interrupted run starts again.
    Started,
    /// The run can't go on before something changes.
    Waits { reason: String },
    /// A later run of the same stack replaces this one.
    Overtaken { by: RunId },
    /// The run has ended.
    Ended {
        result: RunResult,
        /// The commit that the run tried; `None` if it ended before. A run with nothing to do and no commit was held back: the
        /// newest commit of the branch was rolled back.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        commit: Option<String>,
        /// True if docker has given up on the commit: another attempt is unlikely to succeed.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        is_given_up: bool,
        /// The log lines of the run.
        #[serde(rename = "said")]
        log_lines: Vec<String>,
    },
}

impl JournalEntry {
    /// Why the entry is invalid; `None` if it is valid.
    pub(super) fn flaw(&self) -> Option<&'static str> {
        let by = match self.event {
            RunEvent::Overtaken { by } => Some(by),
            _ => None,
        };
        if by.unwrap_or(self.run).max(self.run) > LARGEST {
            return Some("no run has a number as large as this");
        }
        let is_later = by.is_none_or(|by| by > self.run);
        (!is_later).then_some("no run is overtaken by an earlier one, or by itself")
    }
}

/// Why a run was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// A delivery told of a push.
    Push,
    /// A person asked for it.
    Person,
    /// A poll found a new commit, or one whose deployment has failed.
    Poll,
    /// The service started. Forges don't repeat deliveries that came while it was down.
    Start,
    /// A person asked to go back to an earlier commit.
    Rollback,
    /// The Swarm differs from the commit that was deployed last.
    Drift,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RunResult {
    /// All services run as the commit says.
    Deployed,
    /// All services ran like that before.
    NothingToDo,
    /// A step failed, or Docker rolled an update back.
    Failed,
    /// The run took too long and was ended.
    TimedOut,
}

impl Cause {
    /// True if a run for this cause may overtake an open run for the cause `earlier`.
    ///
    /// People and forges ask once. A run that the service asked for itself does not deploy a commit that was rolled back or that
    /// docker has given up on, and does not wait for a pushed commit that the remote does not show yet.
    pub(super) fn takes_over(self, earlier: Self) -> bool {
        match self {
            Self::Push | Self::Person | Self::Rollback => true,
            Self::Start => matches!(earlier, Self::Start | Self::Poll | Self::Drift),
            // A push may wait for a key that never comes.
            Self::Poll => earlier != Self::Rollback,
            // A run for drift deploys the last commit again, which is older than that of any open run.
            Self::Drift => false,
        }
    }

    /// A word for people.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Person => "request",
            Self::Poll => "poll",
            Self::Start => "start",
            Self::Rollback => "rollback",
            Self::Drift => "drift",
        }
    }
}

impl RunResult {
    /// A word for people and programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::NothingToDo => "nothing-to-do",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
        }
    }

    /// True if the stack is at the wanted commit now.
    pub(crate) fn is_good(self) -> bool {
        matches!(self, Self::Deployed | Self::NothingToDo)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
