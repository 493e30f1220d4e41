//! Runs: each brings one target, a stack, to a commit.
//! An `entry` is an event of a run. The `journal` is the file with all entries. The `queue` follows from them alone:
//! the `known_runs`, each a `run`, and which is next. The `book` combines journal
//! and queue for all threads. A restart restores everything from the journal.

mod book;
mod entry;
mod journal;
mod known_runs;
mod queue;
mod run;

pub(crate) use book::Book;
#[cfg(test)]
pub(crate) use entry::JournalEntry;
pub(crate) use entry::{Cause, RunEvent, RunId, RunResult};
pub(crate) use journal::JournalError;
pub(crate) use known_runs::FailedAttempts;
pub(crate) use queue::{Queue, RunRequest};
pub(crate) use run::{RunState, StackRun};
