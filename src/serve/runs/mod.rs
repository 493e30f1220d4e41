//! Runs: each brings one target, a stack, to a commit.
//! An `entry` is an event of a run. The `journal` is the file with all entries. The `queue` follows from them alone:
//! which runs there are, and which is next. `history` answers questions about past runs. The `book` combines journal
//! and queue for all threads. A restart restores everything from the journal.

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
