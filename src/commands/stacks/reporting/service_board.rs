//! Shows the states of services while waiting for them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::several::several;
use crate::commands::Context;
use crate::failure::IMAGE_HINT;
use crate::swarm::{Doing, Progress, State, Watched, is_about_image};
use crate::terminal::{Board, Terminal};

/// How long a service must be held up by the same reason before a hint is given.
const LASTING: Duration = Duration::from_secs(5);

/// Minimum time between two lines about all services that are waited for.
const BETWEEN_SUMMARIES: Duration = Duration::from_secs(10);

/// Minimum waiting time that is shown.
const WORTH_TELLING: Duration = Duration::from_secs(10);

/// On a terminal, shows one line a service, updated with each look. Elsewhere, prints a line if something holds up a service or
/// it fails, and from time to time a line about all services that are waited for.
pub(crate) struct ServiceBoard<'a> {
    terminal: &'a Terminal,
    board: Option<Board<'a>>,
    /// The lines that were printed for each service. A reason for waiting is printed once, even if it comes and goes.
    reported: BTreeSet<(String, String)>,
    /// For each service, the reason that holds it up, and since when.
    held: BTreeMap<String, (String, Instant)>,
    /// True if the hint about tasks, and that about images, were already given.
    has_hinted: [bool; 2],
    /// The last line about all services, and when it was printed.
    summary: Option<(String, Instant)>,
    began: Instant,
}

impl<'a> ServiceBoard<'a> {
    pub(crate) fn new(context: &'a Context) -> Self {
        Self {
            terminal: &context.terminal,
            board: context.terminal.board(),
            reported: BTreeSet::new(),
            held: BTreeMap::new(),
            has_hinted: [false; 2],
            summary: None,
            began: Instant::now(),
        }
    }

    pub(crate) fn tell(&mut self, watched: &[Watched]) {
        self.hint_at_blocking_reason(watched);
        let longest = watched.iter().map(|watched| watched.service.len()).max();
        let longest = longest.unwrap_or_default();
        if let Some(board) = &self.board {
            let waited = self.began.elapsed();
            let lines = watched.iter().map(|one| line(one, longest, waited));
            let lines: Vec<String> = lines.collect();
            board.show(&lines);
            return;
        }
        for Watched { service, state, .. } in watched {
            let text = describe(state);
            if is_worth_a_line(state) && self.reported.insert((service.clone(), text.clone())) {
                self.terminal.info(format_args!("{service}: {text}"));
            }
        }
        self.sum_up(watched);
    }

    /// Prints which services are waited for, unless that was done a moment ago.
    fn sum_up(&mut self, watched: &[Watched]) {
        let waiting = watched.iter().filter(|watched| {
            matches!(watched.state, State::Waiting(_)) && !is_worth_a_line(&watched.state)
        });
        let shown =
            |watched: &Watched| format!("{} ({})", watched.service, describe(&watched.state));
        let names: Vec<String> = waiting.map(shown).collect();
        if names.is_empty() {
            return;
        }
        let text = format!(
            "waiting for {} of {} services: {}",
            names.len(),
            watched.len(),
            several(&names)
        );
        let is_due =
            |(last, at): &(String, Instant)| *last != text && at.elapsed() >= BETWEEN_SUMMARIES;
        if self.summary.as_ref().is_none_or(is_due) {
            self.terminal.info(&text);
            self.summary = Some((text, Instant::now()));
        }
    }

    /// Gives a hint, once, if the same reason holds up a service for some time, such as a pull that fails again and again.
    fn hint_at_blocking_reason(&mut self, watched: &[Watched]) {
        for Watched { service, state, .. } in watched {
            let State::Waiting(Progress {
                doing: Doing::Held(words),
                ..
            }) = state
            else {
                self.held.remove(service);
                continue;
            };
            let held = self.held.entry(service.clone());
            let (known, since) = held.or_insert_with(|| (words.clone(), Instant::now()));
            if known != words {
                (*known, *since) = (words.clone(), Instant::now());
            }
            if since.elapsed() < LASTING {
                continue;
            }
            let [of_tasks, of_images] = &mut self.has_hinted;
            if !std::mem::replace(of_tasks, true) {
                self.terminal.hint(format_args!(
                    "`docker service ps --no-trunc {service}` lists its tasks; Ctrl-C ends the waiting"
                ));
            }
            if is_about_image(words) && !std::mem::replace(of_images, true) {
                self.terminal.hint(IMAGE_HINT);
            }
        }
    }

    /// The result lines, once all services have converged: one for each that has changed, and one for all others.
    pub(crate) fn results(services: &[Watched]) -> Vec<String> {
        let (mut lines, mut others) = (Vec::new(), Vec::new());
        for watched in services {
            let Watched { service, state, .. } = watched;
            let State::Converged(progress) = state else {
                continue;
            };
            if watched.is_changed {
                let Progress {
                    running, wanted, ..
                } = progress;
                lines.push(format!(
                    "converged service {service} ({running} of {wanted})"
                ));
            } else {
                others.push(service.clone());
            }
        }
        if !others.is_empty() {
            lines.push(format!("converged without a restart: {}", several(&others)));
        }
        lines
    }
}

/// True for a service that is held up, rolls back, or fails.
fn is_worth_a_line(state: &State) -> bool {
    match state {
        State::Waiting(progress) => {
            matches!(progress.doing, Doing::Held(_) | Doing::RollingBack)
        }
        State::Broken(_) => true,
        // Printed at the end as a result.
        State::Converged(_) => false,
    }
}

/// The line of a service. Names take `longest` columns, and the service was waited for during `waited`.
fn line(watched: &Watched, longest: usize, waited: Duration) -> String {
    let state = describe(&watched.state);
    let line = format!("{:longest$}  {state}", watched.service);
    match watched.state {
        State::Waiting(_) if waited >= WORTH_TELLING => {
            format!("{line} ({} s)", waited.as_secs())
        }
        _ => line,
    }
}

fn describe(state: &State) -> String {
    match state {
        State::Waiting(progress) => progress.to_string(),
        State::Converged(progress) => format!("{progress}, converged"),
        State::Broken(breakage) => format!("failed: {breakage}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seconds_are_shown_once_they_are_worth_it() {
        let progress = |doing| Progress {
            running: 1,
            wanted: 2,
            doing,
        };
        let watched = |state| Watched {
            service: "web_app".to_owned(),
            state,
            is_changed: true,
        };
        let waiting = watched(State::Waiting(progress(Doing::Starting)));
        let done = watched(State::Converged(progress(Doing::Done)));
        let after = |watched, seconds| line(watched, 8, Duration::from_secs(seconds));
        assert_eq!(after(&waiting, 9), "web_app   1 of 2, starting");
        assert_eq!(after(&waiting, 75), "web_app   1 of 2, starting (75 s)");
        assert_eq!(after(&done, 75), "web_app   1 of 2, converged");
    }

    #[test]
    fn services_that_did_not_change_have_one_line() {
        let services = ["a", "b", "c"].map(|name| Watched {
            service: name.to_owned(),
            state: State::Converged(Progress {
                running: 1,
                wanted: 1,
                doing: Doing::Done,
            }),
            is_changed: name == "b",
        });
        assert_eq!(
            ServiceBoard::results(&services),
            [
                "converged service b (1 of 1)",
                "converged without a restart: a, c"
            ]
        );
    }
}
