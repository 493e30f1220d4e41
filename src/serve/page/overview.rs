//! The page of all stacks: the commit of each, what runs, what waits, and its last runs.

use jiff::ZonedDateTime;

use super::frame::{Page, ago, text};
use super::run::state;
use crate::serve::report::reason;
use crate::serve::runs::{Queue, RunId, RunState, StackRun};
use crate::serve::settings::ServedStack;
use crate::serve::work::Updater;

/// How many runs of a stack are shown.
const SHOWN_RUNS: usize = 5;

/// How many digits of a commit are shown.
const SHOWN_COMMIT: usize = 12;

/// The page of all stacks.
pub(crate) fn overview_page(updater: &Updater) -> String {
    let parts = updater.parts();
    let stacks = &parts.settings.stacks;
    let (boxes, states) = parts.book.read(|queue| {
        let boxes = stacks.iter().map(|stack| stack_box(stack, queue, updater));
        let states = stacks.iter().map(|stack| {
            let newest = queue.runs().newest_conclusive_of(stack.name.as_str());
            newest.map(|(_, run)| run.state.clone())
        });
        (boxes.collect::<String>(), states.collect::<Vec<_>>())
    });
    let summary = summary(&states);
    let time = ZonedDateTime::now();
    let mut header = format!(
        "<h1>hs-secrets</h1>\n<p>{summary}</p>\n<p class=\"faint\">as of <time datetime=\"{}\">{}</time></p>",
        time.timestamp(),
        time.strftime("%H:%M:%S"),
    );
    if let Some(trouble) = updater.trouble_with_swarm() {
        header += &format!("\n<p class=\"note bad\">{}</p>", text(trouble));
    }
    let page = Page {
        title: &format!("{summary} – hs-secrets"),
        header: &header,
        main: &format!("<div class=\"stacks\">\n{boxes}</div>"),
        is_final: false,
    };
    page.document()
}

/// The number of stacks, and of those that need attention, by the states of their newest runs.
fn summary(states: &[Option<RunState>]) -> String {
    let count = |is_one: &dyn Fn(&RunState) -> bool| {
        let states = states.iter().flatten();
        states.filter(|state| is_one(state)).count()
    };
    let failed = count(&has_failed);
    let waiting = count(&|state| matches!(state, RunState::Pending | RunState::Waiting { .. }));
    let running = count(&|state| matches!(state, RunState::Running));
    let stacks = match states.len() {
        1 => "1 stack".to_owned(),
        count => format!("{count} stacks"),
    };
    let counts = [
        (failed, "failed"),
        (waiting, "waiting"),
        (running, "running"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    match counts.as_slice() {
        [] => stacks,
        counts => format!("{stacks}: {}", counts.join(", ")),
    }
}

fn has_failed(state: &RunState) -> bool {
    matches!(state, RunState::Ended(result) if !result.is_good())
}

fn stack_box(stack: &ServedStack, queue: &Queue, updater: &Updater) -> String {
    let name = stack.name.as_str();
    let repository = &updater.parts().settings.repositories[stack.repository];
    let commit = queue.runs().last_successful_of(name);
    let commit = commit.and_then(|run| run.commit.as_deref());
    let commit = commit.map_or("not deployed yet".to_owned(), |commit| {
        let commit = commit.get(..SHOWN_COMMIT).unwrap_or(commit);
        format!("commit <code>{}</code>", text(commit))
    });
    let newest = queue.runs().newest_conclusive_of(name);
    let is_bad = newest.is_some_and(|(_, run)| has_failed(&run.state));
    let mark = if is_bad { " bad-one" } else { "" };
    let drift: String = updater
        .drift_of(name)
        .iter()
        .map(|difference| format!("<p class=\"wait\">differs: {}</p>\n", text(difference)))
        .collect();
    let lines: String = queue
        .runs()
        .runs_of(name)
        .take(SHOWN_RUNS)
        .map(|(id, run)| run_line(id, run, updater))
        .collect();
    let name = text(name);
    format!(
        "<section class=\"stack{mark}\" aria-labelledby=\"stack-{name}\"><h2 id=\"stack-{name}\">{name}</h2>\n<p>{commit}</p>\n<p class=\"faint\">{} of {}</p>\n{drift}<ul>{lines}</ul></section>\n",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::runs::RunResult;

    #[test]
    fn what_wants_to_be_looked_at_is_counted() {
        let ended = |result| Some(RunState::Ended(result));
        let waits = RunState::Waiting {
            reason: "the remote is away".to_owned(),
        };
        let good = [ended(RunResult::Deployed), ended(RunResult::NothingToDo)];
        assert_eq!(summary(&good), "2 stacks");
        assert_eq!(summary(&[None]), "1 stack");
        let mixed = [
            ended(RunResult::Failed),
            ended(RunResult::TimedOut),
            Some(waits),
            Some(RunState::Pending),
            Some(RunState::Running),
        ];
        let words = "5 stacks: 2 failed, 2 waiting, 1 running";
        assert_eq!(summary(&mixed), words);
    }
}
