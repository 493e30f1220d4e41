//! The entries about runs: one for each thing that happened, in the order in which it did.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The number of a run. A later run has a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RunId(pub u64);

/// Maximum number of a run that is read: far beyond all that come, and every reader of JSON knows it exactly.
const LARGEST: RunId = RunId(1 << 53);

/// Something that happened to a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalEntry {
    pub run: RunId,
    pub at: Timestamp,
    #[serde(flatten)]
    pub happened: Happened,
}

/// The thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "happened",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum Happened {
    /// It was asked for.
    Accepted {
        /// The target of the settings that it is for.
        target: String,
        /// The commit that was pushed; `None` if whatever the branch is at is meant.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        commit: Option<String>,
        /// The delivery that asked for it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        delivery: Option<String>,
        because: Cause,
    },
    /// It began, again if it was interrupted.
    Started,
    /// It can't go on before something changes.
    Waits { reason: String },
    /// A later one does its work.
    Overtaken { by: RunId },
    /// It is over.
    Ended {
        result: RunResult,
        /// The commit that was deployed, if that was found.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        commit: Option<String>,
        /// True if docker has given the commit up: another attempt would hardly end otherwise.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        is_given_up: bool,
        /// Its words, line by line.
        said: Vec<String>,
    },
}

impl JournalEntry {
    /// Why this program can't have written the entry; `None` if it can.
    pub(super) fn flaw(&self) -> Option<&'static str> {
        let by = match self.happened {
            Happened::Overtaken { by } => Some(by),
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
    /// A forge said that somebody pushed.
    Push,
    /// A person asked for it.
    Person,
    /// It was time to look.
    Poll,
    /// The service started: nobody sends again what came while it was down.
    Start,
    /// A person asked to go back to an earlier commit.
    Rollback,
    /// The Swarm is not as the commit says that was deployed last.
    Drift,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RunResult {
    /// All services run as the commit says.
    Deployed,
    /// They did before.
    NothingToDo,
    /// Something failed, or Docker rolled an update back.
    Failed,
    /// It took too long, and was ended.
    TimedOut,
}

impl Cause {
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

    /// True if what was asked for is so now.
    pub(crate) fn is_good(self) -> bool {
        matches!(self, Self::Deployed | Self::NothingToDo)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
