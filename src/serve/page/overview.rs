//! The page of all stacks: the commit of each, what runs, what waits, and its last runs.

use super::frame::{ago, page, text};
use super::run::state;
use crate::serve::report::reason;
use crate::serve::runs::{Queue, RunId, RunState, StackRun};
use crate::serve::settings::ServedStack;
use crate::serve::work::Updater;

/// How many runs of a stack are shown.
const SHOWN_RUNS: usize = 5;

/// How many letters of a commit are shown.
const SHOWN_COMMIT: usize = 12;

/// The page of all stacks.
pub(crate) fn overview_page(updater: &Updater) -> String {
    let parts = updater.parts();
    let mut body = "<h1>hs-secrets</h1>\n".to_owned();
    if let Some(trouble) = updater.trouble_with_swarm() {
        body += &format!("<p class=\"note bad\">{}</p>\n", text(trouble));
    }
    let stacks = parts.settings.stacks.iter();
    let stacks = parts.book.read(|queue| {
        let boxes = stacks.map(|stack| stack_box(stack, queue, updater));
        boxes.collect::<String>()
    });
    body += &format!("<div class=\"stacks\">\n{stacks}</div>");
    page("hs-secrets", &body)
}

fn stack_box(stack: &ServedStack, queue: &Queue, updater: &Updater) -> String {
    let name = stack.name.as_str();
    let repository = &updater.parts().settings.repositories[stack.repository];
    let runs: Vec<(RunId, &StackRun)> = queue
        .newest_first()
        .filter(|(_, run)| run.target == name)
        .collect();
    let good = runs.iter().find(|(_, run)| match run.state {
        RunState::Ended(result) => result.is_good() && run.commit.is_some(),
        _ => false,
    });
    let commit = good.and_then(|(_, run)| run.commit.as_deref());
    let commit = commit.map_or("not deployed yet", |commit| {
        commit.get(..SHOWN_COMMIT).unwrap_or(commit)
    });
    let drift: String = updater
        .drift_of(name)
        .iter()
        .map(|difference| format!("<p class=\"wait\">{}</p>\n", text(difference)))
        .collect();
    let lines: String = runs
        .iter()
        .take(SHOWN_RUNS)
        .map(|(id, run)| run_line(*id, run, updater))
        .collect();
    format!(
        "<section class=\"stack\"><h2>{}</h2>\n<p>commit <code>{}</code></p>\n<p class=\"faint\">{} of {}</p>\n{drift}<ul>{lines}</ul></section>\n",
        text(name),
        text(commit),
        text(&repository.branch),
        text(&repository.name),
    )
}

fn run_line(id: RunId, run: &StackRun, updater: &Updater) -> String {
    let reason = reason(run, updater);
    let reason = reason.map(|reason| format!("<br>{}", text(reason)));
    format!(
        "<li><a href=\"/runs/{id}\">run {id}</a> {} <span class=\"faint\">{}, {}</span>{}</li>\n",
        state(run),
        run.because.word(),
        ago(run.since),
        reason.unwrap_or_default(),
    )
}
