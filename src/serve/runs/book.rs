//! The runs of the service, shared by its threads: in memory, on the disk, and with a signal when they change.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::entry::{JournalEntry, RunEvent, RunId};
use super::journal::{Journal, JournalError};
use super::queue::{Queue, RunRequest};
use super::run::StackRun;

/// All runs, shared by the threads of the service.
pub(crate) struct Book {
    stored: Mutex<StoredQueue>,
    /// The requests of all threads that wait for `stored`. The next thread to lock `stored` writes them all with one
    /// fsync.
    pending: Mutex<Vec<PendingRequests>>,
    changed: Condvar,
}

/// Requests of one thread, and the channel for the response.
struct PendingRequests {
    requests: Vec<RunRequest>,
    response_sender: SyncSender<Result<Vec<RunId>, JournalError>>,
}

struct StoredQueue {
    queue: Queue,
    journal: Journal,
    /// The number of entries at which the file is shortened next.
    long: usize,
    /// True if a request was refused because its run could not be written to the disk.
    has_refused: bool,
}

/// Minimum number of entries at which the file is shortened.
const LONG: usize = 1000;

impl Book {
    /// Opens the file and restores the runs in it. Runs that are too old to be kept are removed from the file.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        let (journal, entries) = Journal::open(path)?;
        let mut stored = StoredQueue {
            queue: Queue::restored(&entries),
            journal,
            long: LONG,
            has_refused: false,
        };
        stored.shorten(entries);
        Ok(Self {
            stored: Mutex::new(stored),
            pending: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Accepts requests, and returns the run of each. When this returns, all of these runs are on the disk.
    pub(crate) fn accept(
        &self,
        requests: impl IntoIterator<Item = RunRequest>,
    ) -> Result<Vec<RunId>, JournalError> {
        let (response_sender, response_receiver) = mpsc::sync_channel(1);
        let requests = requests.into_iter().collect();
        self.pending().push(PendingRequests {
            requests,
            response_sender,
        });
        let mut stored = self.lock();
        // Another thread may have answered while this one waited for the lock.
        if let Ok(runs) = response_receiver.try_recv() {
            return runs;
        }
        let pending = std::mem::take(&mut *self.pending());
        if stored.accept(pending) {
            self.changed.notify_all();
        }
        response_receiver.try_recv().unwrap_or_else(|_| {
            // The thread that took this request has panicked.
            let source = io::Error::other("an error in this program");
            let path = stored.journal.path().to_owned();
            Err(JournalError::Write { path, source })
        })
    }

    /// True if a request was refused since the last call because its run could not be written to the disk. Nobody may
    /// repeat the request.
    pub(crate) fn has_refused(&self) -> bool {
        std::mem::take(&mut self.lock().has_refused)
    }

    /// Starts the next runs, with at most `at_once` under way, and returns them. They count as started even if that
    /// can't be written to the disk: after a restart they start again.
    pub(crate) fn start_next(
        &self,
        at_once: usize,
        may_start: &dyn Fn(RunId, &StackRun) -> bool,
    ) -> (Vec<(RunId, StackRun)>, Result<(), JournalError>) {
        let mut stored = self.lock();
        let entries = stored.queue.next(Timestamp::now(), at_once, may_start);
        let written = self.write(&mut stored, &entries);
        let started = entries
            .iter()
            .filter(|entry| entry.event == RunEvent::Started);
        let started = started.filter_map(|entry| {
            let run = stored.queue.runs().run(entry.run)?;
            Some((entry.run, run.clone()))
        });
        (started.collect(), written)
    }

    /// Notes what happened to a run. It counts even if it can't be written to the disk: after a restart the run is
    /// repeated.
    pub(crate) fn note(&self, run: RunId, event: RunEvent) -> Result<(), JournalError> {
        let at = Timestamp::now();
        let mut stored = self.lock();
        self.write(&mut stored, &[JournalEntry { run, at, event }])
    }

    /// Looks at the runs.
    pub(crate) fn read<Seen>(&self, look: impl FnOnce(&Queue) -> Seen) -> Seen {
        look(&self.lock().queue)
    }

    /// Waits until a run has changed, at most for `limit`.
    pub(crate) fn wait_for_change(&self, limit: Duration) {
        let stored = self.lock();
        let waited = self.changed.wait_timeout(stored, limit);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until `look` returns something, at most for `limit`.
    pub(crate) fn wait_until<Seen>(
        &self,
        limit: Duration,
        look: impl Fn(&Queue) -> Option<Seen>,
    ) -> Option<Seen> {
        let end = Instant::now() + limit;
        let mut stored = self.lock();
        loop {
            let seen = look(&stored.queue);
            let left = end.saturating_duration_since(Instant::now());
            if seen.is_some() || left.is_zero() {
                return seen;
            }
            let waited = self.changed.wait_timeout(stored, left);
            stored = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn write(
        &self,
        stored: &mut StoredQueue,
        entries: &[JournalEntry],
    ) -> Result<(), JournalError> {
        if entries.is_empty() {
            return Ok(());
        }
        let written = stored.journal.append(entries);
        entries.iter().for_each(|entry| stored.queue.note(entry));
        stored.shorten_if_long();
        self.changed.notify_all();
        written
    }

    fn pending(&self) -> MutexGuard<'_, Vec<PendingRequests>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, StoredQueue> {
        // A panic can't leave the pages half changed.
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StoredQueue {
    /// Writes the runs of all requests to the disk, and answers each request. True if there are new runs.
    fn accept(&mut self, pending: Vec<PendingRequests>) -> bool {
        let (mut new, mut responses) = (Vec::new(), Vec::new());
        for PendingRequests {
            requests,
            response_sender,
        } in pending
        {
            let mut runs = Vec::new();
            for request in requests {
                let (run, entry) = self.queue.accept(request, Timestamp::now());
                runs.push(run);
                if let Some(entry) = entry {
                    self.queue.note(&entry);
                    new.push(entry);
                }
            }
            responses.push((response_sender, runs));
        }
        let written = match &new[..] {
            [] => Ok(()),
            new => self.journal.append(new),
        };
        if written.is_err() {
            new.iter().for_each(|entry| self.queue.forget(entry.run));
            self.has_refused = true;
        } else if !new.is_empty() {
            self.shorten_if_long();
        }
        let first_new = new.first().map(|entry| entry.run);
        for (response_sender, runs) in responses {
            // Runs that existed before are on the disk, even if writing the new ones failed.
            let is_new = runs
                .iter()
                .any(|run| first_new.is_some_and(|first| *run >= first));
            let response = match &written {
                Err(error) if is_new => Err(error.of_write(self.journal.path())),
                _ => Ok(runs),
            };
            // The requesting thread waits for the response, unless it has panicked.
            let _ = response_sender.try_send(response);
        }
        written.is_ok() && !new.is_empty()
    }

    /// Shortens the file if it has grown a lot since the last time.
    fn shorten_if_long(&mut self) {
        if self.journal.count() < self.long {
            return;
        }
        match self.journal.entries() {
            Ok(entries) => self.shorten(entries),
            Err(_) => self.long = self.journal.count() * 2,
        }
    }

    /// Removes from the file, which has `entries`, forgotten runs and all but the last attempt of each run. The first wait of
    /// a run that is not over stays. If the disk is too full for that, the file stays as it is.
    fn shorten(&mut self, entries: Vec<JournalEntry>) {
        let before = entries.len();
        let mut tried = HashSet::new();
        let is_kept = |entry: &JournalEntry| {
            let Some(run) = self.queue.runs().run(entry.run) else {
                return false;
            };
            match entry.event {
                RunEvent::Started => tried.insert(entry.run),
                RunEvent::Waits { .. } => {
                    let is_first = run.waits_since == Some(entry.at) && !run.is_over();
                    tried.insert(entry.run) || is_first
                }
                _ => true,
            }
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
    use crate::serve::runs::run::RunState;

    fn request() -> RunRequest {
        RunRequest {
            target: "web".to_owned(),
            commit: None,
            delivery: None,
            because: Cause::Push,
        }
    }

    fn ended() -> RunEvent {
        RunEvent::Ended {
            result: RunResult::NothingToDo,
            commit: None,
            is_given_up: false,
            log_lines: vec!["x".repeat(1000)],
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
                last = book.accept([request()]).expect("written")[0];
                let (started, written) = book.start_next(1, &all);
                written.expect("written");
                let is_last = |(run, _): &(RunId, StackRun)| *run == last;
                assert!(started.iter().any(is_last), "{last}");
                book.note(last, ended()).expect("written");
            }
            let open = book.accept([request()]).expect("written")[0];
            drop(book);
            let book = Book::open(&path).expect("a book");
            let state = book.read(|queue| queue.runs().run(open).map(|run| run.state.clone()));
            assert_eq!(state, Some(RunState::Pending));
            lengths.push(std::fs::metadata(&path).expect("the file").len());
        }
        assert!(last > RunId(180), "{last}");
        assert!(lengths[2] < lengths[0] * 2, "{lengths:?}");
        assert!(!path.with_extension("new").exists());
    }

    #[test]
    fn all_who_wait_are_written_down_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let requests = |number: u32| RunRequest {
            // Some of them are one delivery that is sent twice.
            delivery: Some(format!("d{}", number / 2)),
            ..request()
        };
        let book = Book::open(&path).expect("a book");
        let ask = |number| book.accept([requests(number)]);
        let responses: Vec<_> = std::thread::scope(|scope| {
            let stored = book.lock();
            let threads = (0..20).map(|number| scope.spawn(move || ask(number)));
            let threads: Vec<_> = threads.collect();
            while book.pending().len() < threads.len() {
                std::thread::yield_now();
            }
            drop(stored);
            let responses = threads.into_iter().map(|thread| thread.join());
            responses
                .map(|response_sender| response_sender.expect("an answer"))
                .collect()
        });
        assert_eq!(
            book.lock().journal.writes(),
            1 + 1,
            "the head, and all runs"
        );
        let mut runs: Vec<RunId> = responses
            .into_iter()
            .flat_map(|runs| runs.expect("written"))
            .collect();
        runs.sort_unstable();
        runs.dedup();
        assert_eq!(runs, (1..=10).map(RunId).collect::<Vec<_>>());
        drop(book);
        let book = Book::open(&path).expect("a book");
        assert!(
            runs.iter()
                .all(|run| book.read(|queue| queue.runs().run(*run).is_some()))
        );
    }

    #[test]
    fn the_time_since_which_a_run_waits_outlives_a_shorter_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let book = Book::open(&path).expect("a book");
        let run = book.accept([request()]).expect("written")[0];
        let since =
            |book: &Book| book.read(|queue| queue.runs().run(run).expect("known").waits_since);
        let mut first = None;
        for _ in 0..5 {
            let _ = book.start_next(1, &|_, _| true);
            let reason = "the remote is away".to_owned();
            book.note(run, RunEvent::Waits { reason }).expect("written");
            first = first.or(since(&book));
        }
        assert!(first.is_some());
        drop(book);
        for _ in 0..2 {
            let book = Book::open(&path).expect("a book");
            assert_eq!(since(&book), first);
        }
    }

    #[test]
    fn the_file_does_not_grow_while_the_service_runs() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs");
        let book = Book::open(&path).expect("a book");
        let mut last = RunId(0);
        for _ in 0..150 {
            last = book.accept([request()]).expect("written")[0];
            for _ in 0..3 {
                let (_, written) = book.start_next(1, &|_, _| true);
                written.expect("written");
                let reason = "the remote is away".to_owned();
                book.note(last, RunEvent::Waits { reason })
                    .expect("written");
            }
            book.note(last, ended()).expect("written");
        }
        let open = book.accept([request()]).expect("written")[0];
        let lines = std::fs::read_to_string(&path).expect("the file");
        let lines = lines.lines().count();
        assert!(lines < 700, "{lines}");
        drop(book);
        let book = Book::open(&path).expect("a book");
        let state = |run| book.read(|queue| queue.runs().run(run).map(|run| run.state.clone()));
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
            last = book.accept([request()]).expect("written")[0];
            let _ = book.start_next(1, &|_, _| true);
            book.note(last, ended()).expect("written");
        }
        drop(book);
        std::fs::create_dir(path.with_extension("new")).expect("something in the way");
        let book = Book::open(&path).expect("a book");
        assert!(book.read(|queue| queue.runs().run(last).is_some()));
        assert!(book.accept([request()]).expect("written")[0] > last);
    }
}
