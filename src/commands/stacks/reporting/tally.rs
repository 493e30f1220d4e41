//! A counter at the bottom of the terminal while work goes on.

use crate::commands::Context;
use crate::terminal::Board;

/// Counts up to a total.
pub(crate) struct Tally<'a> {
    board: Option<Board<'a>>,
    doing: &'static str,
    done: usize,
    total: usize,
}

impl<'a> Tally<'a> {
    /// Begins to count. `doing` is shown next to the count.
    pub(crate) fn new(context: &'a Context, doing: &'static str, total: usize) -> Self {
        let tally = Self {
            board: context.terminal.board(),
            doing,
            done: 0,
            total,
        };
        tally.show();
        tally
    }

    /// Counts one more as done.
    pub(crate) fn one_more(&mut self) {
        self.done += 1;
        self.show();
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
