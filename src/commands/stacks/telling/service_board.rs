//! Shows the states of services while they are waited for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::commands::Context;
use crate::swarm::{State, Watched};
use crate::terminal::{Board, Terminal};

/// How long the services are waited for before the time is shown.
const WORTH_TELLING: Duration = Duration::from_secs(10);

/// On a terminal a few lines that are written anew; elsewhere a line whenever something has changed.
pub(crate) struct ServiceBoard<'a> {
    terminal: &'a Terminal,
    board: Option<Board<'a>>,
    told: BTreeMap<String, String>,
    began: Instant,
}

impl<'a> ServiceBoard<'a> {
    pub(crate) fn new(context: &'a Context) -> Self {
        Self {
            terminal: &context.terminal,
            board: context.terminal.board(),
            told: BTreeMap::new(),
            began: Instant::now(),
        }
    }

    pub(crate) fn tell(&mut self, watched: &[Watched]) {
        let longest = watched.iter().map(|watched| watched.service.len()).max();
        let longest = longest.unwrap_or_default();
        if let Some(board) = &self.board {
            let waited = self.began.elapsed();
            let line = |watched: &Watched| {
                let state = describe(&watched.state);
                let line = format!("{:longest$}  {state}", watched.service);
                match watched.state {
                    State::Waiting(_) if waited >= WORTH_TELLING => {
                        format!("{line} ({} s)", waited.as_secs())
                    }
                    _ => line,
                }
            };
            let lines: Vec<String> = watched.iter().map(line).collect();
            board.show(&lines);
            return;
        }
        for Watched { service, state } in watched {
            // Services that have converged are the result, which is printed in the end.
            let text = describe(state);
            let known = self.told.insert(service.clone(), text.clone());
            if !matches!(state, State::Converged(_)) && known.as_ref() != Some(&text) {
                self.terminal.say(format_args!("{service}: {text}"));
            }
        }
    }

    /// The lines of the result, once all services have converged.
    pub(crate) fn results(services: &[Watched]) -> Vec<String> {
        let result = |watched: &Watched| match &watched.state {
            State::Converged(progress) => Some(format!(
                "converged service {} ({} of {})",
                watched.service, progress.running, progress.wanted
            )),
            State::Waiting(_) | State::Broken(_) => None,
        };
        services.iter().filter_map(result).collect()
    }
}

fn describe(state: &State) -> String {
    match state {
        State::Waiting(progress) => progress.to_string(),
        State::Converged(progress) => format!("{progress}, converged"),
        State::Broken(breakage) => format!("failed: {breakage}"),
    }
}
