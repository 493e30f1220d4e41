//! The runs of the service, for all of its threads: in memory, on the disk, and with a bell for those who wait for a change.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::entry::{Happened, JournalEntry, RunId};
use super::journal::{Journal, JournalError};
use super::queue::{Queue, StackRun, Wish};

/// The runs.
pub(crate) struct Book {
    pages: Mutex<Pages>,
    changed: Condvar,
}

struct Pages {
    queue: Queue,
    journal: Journal,
    /// The number of entries at which the file is made shorter.
    long: usize,
    /// True if somebody was told that a run could not be written down.
    has_refused: bool,
}

/// Minimum number of entries at which the file is made shorter.
const LONG: usize = 1000;

impl Book {
    /// Opens the file, and knows again what there was to do. What is too old to be remembered goes from the file, too.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        let (journal, entries) = Journal::open(path)?;
        let mut pages = Pages {
            queue: Queue::restored(entries.iter().cloned()),
            journal,
            long: LONG,
            has_refused: false,
        };
        pages.shorten(entries);
        Ok(Self {
            pages: Mutex::new(pages),
            changed: Condvar::new(),
        })
    }

    /// The runs that these wishes lead to. When this returns, all of them are on the disk.
    pub(crate) fn accept(
        &self,
        wishes: impl IntoIterator<Item = Wish>,
    ) -> Result<Vec<RunId>, JournalError> {
        let mut pages = self.lock();
        let (mut runs, mut new) = (Vec::new(), Vec::new());
        for wish in wishes {
            let (run, entry) = pages.queue.accept(wish, Timestamp::now());
            runs.push(run);
            if let Some(entry) = entry {
                pages.queue.note(&entry);
                new.push(entry);
            }
        }
        if new.is_empty() {
            return Ok(runs);
        }
        if let Err(error) = pages.journal.append(&new) {
            new.iter().for_each(|entry| pages.queue.forget(entry.run));
            pages.has_refused = true;
            return Err(error);
        }
        pages.shorten_if_long();
        self.changed.notify_all();
        Ok(runs)
    }

    /// True if somebody was told since the last question that a run could not be written down. Nobody may ask for it again.
    pub(crate) fn has_refused(&self) -> bool {
        std::mem::take(&mut self.lock().has_refused)
    }

    /// The runs that start now. They count as started even if that can't be written down: after a restart they start again.
    pub(crate) fn start_next(
        &self,
        may_start: &dyn Fn(RunId, &StackRun) -> bool,
    ) -> (Vec<(RunId, StackRun)>, Result<(), JournalError>) {
        let mut pages = self.lock();
        let entries = pages.queue.next(Timestamp::now(), may_start);
        let written = self.write(&mut pages, &entries);
        let started = entries
            .iter()
            .filter(|entry| entry.happened == Happened::Started);
        let started = started.filter_map(|entry| {
            let run = pages.queue.run(entry.run)?;
            Some((entry.run, run.clone()))
        });
        (started.collect(), written)
    }

    /// Notes what happened to a run. It counts even if it can't be written down: after a restart the run is done again.
    pub(crate) fn note(&self, run: RunId, happened: Happened) -> Result<(), JournalError> {
        let at = Timestamp::now();
        let mut pages = self.lock();
        self.write(&mut pages, &[JournalEntry { run, at, happened }])
    }

    /// Looks at the runs.
    pub(crate) fn read<Seen>(&self, look: impl FnOnce(&Queue) -> Seen) -> Seen {
        look(&self.lock().queue)
    }

    /// Waits until something has changed, for this time at most.
    pub(crate) fn wait_for_change(&self, limit: Duration) {
        let pages = self.lock();
        let waited = self.changed.wait_timeout(pages, limit);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until `look` sees something, for this time at most.
    pub(crate) fn wait_until<Seen>(
        &self,
        limit: Duration,
        look: impl Fn(&Queue) -> Option<Seen>,
    ) -> Option<Seen> {
        let end = Instant::now() + limit;
        let mut pages = self.lock();
        loop {
            let seen = look(&pages.queue);
            let left = end.saturating_duration_since(Instant::now());
            if seen.is_some() || left.is_zero() {
                return seen;
            }
            let waited = self.changed.wait_timeout(pages, left);
            pages = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn write(&self, pages: &mut Pages, entries: &[JournalEntry]) -> Result<(), JournalError> {
        if entries.is_empty() {
            return Ok(());
        }
        let written = pages.journal.append(entries);
        entries.iter().for_each(|entry| pages.queue.note(entry));
        pages.shorten_if_long();
        self.changed.notify_all();
        written
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        // A thread that panicked has noted something or has not; either is whole.
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    /// Makes the file shorter if it has grown a lot since that was done last.
    fn shorten_if_long(&mut self) {
        if self.journal.count() < self.long {
            return;
        }
        match self.journal.entries() {
            Ok(entries) => self.shorten(entries),
            Err(_) => self.long = self.journal.count() * 2,
        }
    }

    /// Leaves out of the file, which has `entries`, the runs that are forgotten, and each attempt but the last. A disk that is too
    /// full for that is no obstacle: the file goes on as it is.
    fn shorten(&mut self, entries: Vec<JournalEntry>) {
        let before = entries.len();
        let mut tried = HashSet::new();
        let is_kept = |entry: &JournalEntry| {
            let is_attempt = matches!(entry.happened, Happened::Started | Happened::Waits { .. });
            let is_known = self.queue.run(entry.run).is_some();
            is_known && (!is_attempt || tried.insert(entry.run))
        };
        let mut kept: Vec<JournalEntry> = entries.into_iter().rev().filter(is_kept).collect();
        kept.reverse();
        if kept.len() < before {
            let _ = self.journal.rewrite(&kept);
        }
        self.long = (self.journal.count() * 2).max(LONG);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::runs::entry::{Cause, RunResult};
    use crate::serve::runs::queue::RunState;

    fn wish() -> Wish {
        Wish {
            target: "web".to_owned(),
            commit: None,
            delivery: None,
            because: Cause::Push,
        }
    }

    fn ended() -> Happened {
        Happened::Ended {
            result: RunResult::NothingToDo,
            commit: None,
            said: vec!["x".repeat(1000)],
        }
    }

    #[test]
    fn what_was_accepted_is_there_after_a_restart_and_the_file_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let all = |_: RunId, _: &StackRun| true;
        let mut lengths = Vec::new();
        let mut last = RunId(0);
        for _ in 0..3 {
            let book = Book::open(&path).expect("a book");
            for _ in 0..60 {
                last = book.accept([wish()]).expect("written")[0];
                let (started, written) = book.start_next(&all);
                written.expect("written");
                let is_last = |(run, _): &(RunId, StackRun)| *run == last;
                assert!(started.iter().any(is_last), "{last}");
                book.note(last, ended()).expect("written");
            }
            let open = book.accept([wish()]).expect("written")[0];
            drop(book);
            let book = Book::open(&path).expect("a book");
            let state = book.read(|queue| queue.run(open).map(|run| run.state.clone()));
            assert_eq!(state, Some(RunState::Pending));
            lengths.push(std::fs::metadata(&path).expect("the file").len());
        }
        assert!(last > RunId(180), "{last}");
        assert!(lengths[2] < lengths[0] * 2, "{lengths:?}");
        assert!(!path.with_extension("new").exists());
    }

    #[test]
    fn the_file_does_not_grow_while_the_service_runs() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let book = Book::open(&path).expect("a book");
        let mut last = RunId(0);
        for _ in 0..150 {
            last = book.accept([wish()]).expect("written")[0];
            for _ in 0..3 {
                let (_, written) = book.start_next(&|_, _| true);
                written.expect("written");
                let reason = "the remote is away".to_owned();
                book.note(last, Happened::Waits { reason })
                    .expect("written");
            }
            book.note(last, ended()).expect("written");
        }
        let open = book.accept([wish()]).expect("written")[0];
        let lines = std::fs::read_to_string(&path).expect("the file");
        let lines = lines.lines().count();
        assert!(lines < 700, "{lines}");
        drop(book);
        let book = Book::open(&path).expect("a book");
        let state = |run| book.read(|queue| queue.run(run).map(|run| run.state.clone()));
        assert_eq!(state(open), Some(RunState::Pending));
        let done = RunState::Ended(RunResult::NothingToDo);
        assert_eq!(state(last), Some(done));
    }

    #[test]
    fn a_file_that_can_t_be_made_shorter_is_used_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let book = Book::open(&path).expect("a book");
        let mut last = RunId(0);
        for _ in 0..150 {
            last = book.accept([wish()]).expect("written")[0];
            let _ = book.start_next(&|_, _| true);
            book.note(last, ended()).expect("written");
        }
        drop(book);
        std::fs::create_dir(path.with_extension("new")).expect("something in the way");
        let book = Book::open(&path).expect("a book");
        assert!(book.read(|queue| queue.run(last).is_some()));
        assert!(book.accept([wish()]).expect("written")[0] > last);
    }
}
