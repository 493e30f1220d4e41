//! The page of one run, and how the state of any run is shown.

use super::frame::{ago, page, text};
use crate::serve::report::reason;
use crate::serve::runs::{RunId, RunState, StackRun};
use crate::serve::work::Updater;

/// The page of a run.
pub(crate) fn run_page(id: RunId, run: &StackRun, updater: &Updater) -> String {
    let commit = run.commit.as_deref().unwrap_or("whatever the branch is at");
    let mut body = format!(
        "<p><a href=\"/\">all stacks</a></p>\n<h1>Run {id} of {}</h1>\n<p>{} {}</p>\n<p>commit <code>{}</code></p>\n<p class=\"faint\">by {}, accepted {}</p>",
        text(&run.target),
        state(run),
        ago(run.since),
        text(commit),
        run.because.word(),
        ago(run.accepted),
    );
    if let Some(reason) = reason(run, updater) {
        body += &format!("\n<p class=\"note\">{}</p>", text(reason));
    }
    if let RunState::Overtaken { by } = run.state {
        body += &format!("\n<p>Its work is done by <a href=\"/runs/{by}\">run {by}</a>.</p>");
    }
    if !run.said.is_empty() {
        let said: Vec<String> = run.said.iter().map(text).collect();
        body += &format!("\n<pre>{}</pre>", said.join("\n"));
    }
    page(&format!("run {id} of {}", run.target), &body)
}

/// The state of a run, in its colour.
pub(super) fn state(run: &StackRun) -> String {
    let colour = match &run.state {
        RunState::Pending | RunState::Waiting { .. } => "wait",
        RunState::Running => "busy",
        RunState::Overtaken { .. } => "faint",
        RunState::Ended(result) if result.is_good() => "good",
        RunState::Ended(_) => "bad",
    };
    let word = run.state.word().replace('-', " ");
    format!("<span class=\"state {colour}\">{word}</span>")
}
