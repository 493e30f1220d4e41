//! Runs as JSON, for programs.

use jiff::Timestamp;
use serde::Serialize;

use super::runs::{RunId, RunState, StackRun};
use super::work::Updater;

/// A run as JSON.
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
    #[serde(rename = "said", skip_serializing_if = "Vec::is_empty")]
    log_lines: Vec<String>,
}

impl RunReport {
    /// Without the log lines, for a listing: it would be as long as the logs of all its runs.
    pub(crate) fn without_log_lines(mut self) -> Self {
        self.log_lines.clear();
        self
    }
}

/// A run as JSON, with its log lines.
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
        log_lines: run.log_lines.clone(),
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
