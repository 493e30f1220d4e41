//! Runs as JSON, for programs.

use jiff::Timestamp;
use serde::Serialize;

use super::runs::{RunId, RunState, StackRun};
use super::work::Updater;

/// A run, as it is told.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct RunReport {
    run: RunId,
    stack: String,
    /// `pending`, `waiting`, `running`, `overtaken`, or how it ended.
    state: &'static str,
    commit: Option<String>,
    because: &'static str,
    accepted: Timestamp,
    since: Timestamp,
    /// Why it can't start or go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overtaken_by: Option<RunId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    said: Vec<String>,
}

impl RunReport {
    /// For a listing, which would be as long as all runs together have said.
    pub(crate) fn without_words(mut self) -> Self {
        self.said.clear();
        self
    }
}

/// Tells of a run.
pub(crate) fn run_report(id: RunId, run: &StackRun, updater: &Updater) -> RunReport {
    RunReport {
        run: id,
        stack: run.target.clone(),
        state: run.state.word(),
        commit: run.commit.clone(),
        because: run.because.word(),
        accepted: run.accepted,
        since: run.since,
        reason: reason(run, updater),
        overtaken_by: match run.state {
            RunState::Overtaken { by } => Some(by),
            _ => None,
        },
        said: run.said.clone(),
    }
}

/// Why a run can't start or go on; `None` if nothing is in its way.
pub(crate) fn reason(run: &StackRun, updater: &Updater) -> Option<String> {
    match &run.state {
        // An obstacle is of now, and the reason of the last attempt.
        RunState::Waiting { reason } => updater.obstacle(run).or_else(|| Some(reason.clone())),
        RunState::Pending => updater.obstacle(run),
        _ => None,
    }
}
