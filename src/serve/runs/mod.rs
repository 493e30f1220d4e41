//! Runs: each brings one target, a stack, to a commit.
//!
//! An `entry` says what happened to a run, `journal` has all of them on the disk, and `queue` is what follows from them: which runs
//! there are, and which is next; `history` answers questions about them. The `book` has both, for all who work with them. Nothing else is remembered: a restart knows what
//! there was to do.

mod book;
mod entry;
mod history;
mod journal;
mod queue;

pub(crate) use book::Book;
#[cfg(test)]
pub(crate) use entry::JournalEntry;
pub(crate) use entry::{Cause, Happened, RunId, RunResult};
pub(crate) use history::FailedAttempts;
pub(crate) use journal::JournalError;
pub(crate) use queue::{Queue, RunState, StackRun, Wish};
