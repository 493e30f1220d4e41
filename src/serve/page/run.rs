//! The page of one run, and how the state of any run is shown.

use super::frame::{Page, ago, text};
use crate::serve::report::reason;
use crate::serve::runs::{RunId, RunState, StackRun};
use crate::serve::work::Updater;

/// The page of a run.
pub(crate) fn run_page(id: RunId, run: &StackRun, updater: &Updater) -> String {
    let no_commit = if run.is_held_back() {
        "none: it was held back"
    } else {
        "whatever the branch is at"
    };
    let commit = run.commit.as_deref().unwrap_or(no_commit);
    let title = format!("Run {id} of {}", run.target);
    let header = format!(
        "<nav><a href=\"/\">all stacks</a></nav>\n<h1>{}</h1>",
        text(&title)
    );
    let mut main = format!(
        "<p>{} {}</p>\n<p>commit <code>{}</code></p>\n<p class=\"faint\">by {}, accepted {}</p>",
        state(run),
        ago(run.since),
        text(commit),
        run.because.word(),
        ago(run.accepted),
    );
    if let Some(reason) = reason(run, updater) {
        main += &format!("\n<p class=\"note\">{}</p>", text(reason));
    }
    if let RunState::Overtaken { by } = run.state {
        main += &format!("\n<p>Its work is done by <a href=\"/runs/{by}\">run {by}</a>.</p>");
    }
    if !run.log_lines.is_empty() {
        let log_lines: Vec<String> = run.log_lines.iter().map(text).collect();
        main += &format!("\n<pre>{}</pre>", log_lines.join("\n"));
    }
    let page = Page {
        title: &format!("{title} – hs-secrets"),
        header: &header,
        main: &main,
        is_final: matches!(run.state, RunState::Ended(_) | RunState::Overtaken { .. }),
    };
    page.document()
}

/// The state of a run, in its colour.
pub(super) fn state(run: &StackRun) -> String {
    let colour = match &run.state {
        RunState::Pending | RunState::Waiting { .. } => "wait",
        RunState::Running => "busy",
        RunState::Overtaken { .. } => "faint",
        RunState::Ended(_) if run.is_held_back() => "faint",
        RunState::Ended(result) if result.is_good() => "good",
        RunState::Ended(_) => "bad",
    };
    let word = run.state.word().replace('-', " ");
    format!("<span class=\"state {colour}\">{word}</span>")
}
