//! What becomes of several things: a line for each, and a count for whoever waits.

use std::fmt::Display;

use crate::commands::Context;
use crate::failure::Failure;
use crate::terminal::{Board, Terminal};

/// Counts up to a total.
pub(crate) struct Tally<'a> {
    terminal: &'a Terminal,
    board: Option<Board<'a>>,
    doing: &'static str,
    done: usize,
    total: usize,
    printed: Result<(), Failure>,
}

impl<'a> Tally<'a> {
    /// Begins; `doing` is what is shown beside the count.
    pub(crate) fn new(context: &'a Context, doing: &'static str, total: usize) -> Self {
        let tally = Self {
            terminal: &context.terminal,
            board: context.terminal.board(),
            doing,
            done: 0,
            total,
            printed: Ok(()),
        };
        tally.show();
        tally
    }

    /// One more is done; `line` is the result.
    pub(crate) fn tell(&mut self, line: impl Display) {
        self.done += 1;
        let printed = self.terminal.line(line);
        // What can't be printed does not stop what is under way.
        if self.printed.is_ok() {
            self.printed = printed;
        }
        self.show();
    }

    /// Fails where a line could not be printed.
    pub(crate) fn end(self) -> Result<(), Failure> {
        self.printed
    }

    fn show(&self) {
        let Self {
            doing, done, total, ..
        } = self;
        if let Some(board) = &self.board {
            board.show(&[format!("{doing}: {done} of {total}")]);
        }
    }
}
