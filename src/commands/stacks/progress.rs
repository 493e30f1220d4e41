//! How far the services are, for those who wait.

use std::collections::BTreeMap;

use crate::commands::Context;
use crate::failure::Failure;
use crate::swarm::{State, Watched};
use crate::terminal::{Board, Terminal};

/// On a terminal a few lines that are written anew; elsewhere a line whenever something has changed.
pub(crate) struct Progress<'a> {
    terminal: &'a Terminal,
    board: Option<Board<'a>>,
    told: BTreeMap<String, String>,
    last: Vec<Watched>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(context: &'a Context) -> Self {
        Self {
            terminal: &context.terminal,
            board: context.terminal.board(),
            told: BTreeMap::new(),
            last: Vec::new(),
        }
    }

    pub(crate) fn tell(&mut self, watched: &[Watched]) {
        self.last = watched.to_vec();
        let longest = watched.iter().map(|it| it.service.len()).max();
        let longest = longest.unwrap_or_default();
        if let Some(board) = &self.board {
            let line = |watched: &Watched| {
                let state = describe(&watched.state);
                format!("{:longest$}  {state}", watched.service)
            };
            let lines: Vec<String> = watched.iter().map(line).collect();
            board.show(&lines);
            return;
        }
        for Watched { service, state } in watched {
            // What has converged is the result, told in the end.
            let text = describe(state);
            let known = self.told.insert(service.clone(), text.clone());
            if !matches!(state, State::Converged(_)) && known.as_ref() != Some(&text) {
                self.terminal.say(format_args!("{service}: {text}"));
            }
        }
    }

    /// All have converged: the result.
    pub(crate) fn end(self) -> Result<(), Failure> {
        drop(self.board);
        for Watched { service, state } in &self.last {
            if let State::Converged(progress) = state {
                let (running, wanted) = (progress.running, progress.wanted);
                self.terminal.line(format_args!(
                    "converged service {service} ({running} of {wanted})"
                ))?;
            }
        }
        Ok(())
    }
}

fn describe(state: &State) -> String {
    match state {
        State::Waiting(progress) => progress.to_string(),
        State::Converged(progress) => format!("{progress}, converged"),
        State::Broken(breakage) => format!("failed: {breakage}"),
    }
}
