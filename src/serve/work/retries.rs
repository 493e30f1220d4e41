//! When a run is tried again: soon at first, then less and less often, and at random times, so that runs don't retry
//! all at once.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::serve::runs::RunId;

/// How long to wait before the first attempt. Each further wait is twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// Maximum time between two attempts.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The runs that are tried again.
#[derive(Default)]
pub(super) struct Retries {
    waiting: Mutex<HashMap<RunId, Retry>>,
    /// How often a run was put off since the service started, not counting those that wait for a key.
    count: AtomicU64,
    /// How often all runs that wait for a key were to be tried again.
    round: AtomicU64,
}

#[derive(Clone)]
enum Retry {
    AtTime {
        attempts: u32,
        at: Instant,
    },
    /// Try again once the stamp of the key file is another one.
    WithAnotherKey {
        stamp: KeyStamp,
        /// The commit with the file that the key does not open.
        commit: String,
    },
}

/// The key with which a run was tried, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyStamp {
    /// Modification time and length of the key file; `None` if there is no file.
    file: Option<(SystemTime, u64)>,
    /// How often all runs were to be tried again before.
    round: u64,
}

impl Retries {
    /// Puts the run off, and returns for how long.
    pub(super) fn postpone(&self, run: RunId) -> Duration {
        self.count.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.lock();
        let attempts = attempts(waiting.get(&run));
        let wait = with_jitter(wait_after(attempts));
        let retry = Retry::AtTime {
            attempts: attempts + 1,
            at: Instant::now() + wait,
        };
        waiting.insert(run, retry);
        wait
    }

    /// How often a run was put off since the service started, not counting those that wait for a key.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// How often this run was put off.
    pub(super) fn attempts(&self, run: RunId) -> u32 {
        attempts(self.lock().get(&run))
    }

    /// The stamp of a run that is tried now with this key file.
    pub(super) fn stamp_of(&self, key_file: &Path) -> KeyStamp {
        let facts = fs::metadata(key_file);
        let file = facts.and_then(|facts| Ok((facts.modified()?, facts.len())));
        KeyStamp {
            file: file.ok(),
            round: self.round.load(Ordering::Relaxed),
        }
    }

    /// Puts the run off until the stamp of the key file is another one. The key with this stamp does not open a file of
    /// this commit.
    pub(super) fn postpone_for_key(&self, run: RunId, stamp: KeyStamp, commit: &str) {
        let commit = commit.to_owned();
        self.lock()
            .insert(run, Retry::WithAnotherKey { stamp, commit });
    }

    /// The commit for which the run waits for another key; `None` if it does not wait for a key.
    pub(super) fn waits_for_key_with(&self, run: RunId) -> Option<String> {
        match self.lock().get(&run) {
            Some(Retry::WithAnotherKey { commit, .. }) => Some(commit.clone()),
            _ => None,
        }
    }

    /// Lets all runs that wait for another key be tried once more, also those that are under way now and will wait: a delivery was
    /// refused, and its commit may be one that the key opens.
    pub(super) fn try_all_keys_again(&self) {
        self.round.fetch_add(1, Ordering::Relaxed);
    }

    /// True if the run may be tried now. A run that was not put off since the service started may always be tried.
    pub(super) fn may_be_tried(&self, run: RunId, key_file: Option<&Path>) -> bool {
        match self.lock().get(&run) {
            Some(Retry::AtTime { at, .. }) => Instant::now() >= *at,
            Some(Retry::WithAnotherKey { stamp, .. }) => {
                key_file.is_none_or(|path| self.stamp_of(path) != *stamp)
            }
            None => true,
        }
    }

    /// Forgets a run that is over.
    pub(super) fn forget(&self, run: RunId) {
        self.lock().remove(&run);
    }

    /// Forgets all runs but those of which `is_open` is true: a run that waits ends without a word when a later one does its work.
    pub(super) fn keep(&self, is_open: impl Fn(RunId) -> bool) {
        self.lock().retain(|run, _| is_open(*run));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Retry>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn attempts(retry: Option<&Retry>) -> u32 {
    match retry {
        Some(Retry::AtTime { attempts, .. }) => *attempts,
        _ => 0,
    }
}

/// How long to wait after this many failed attempts.
pub(super) fn wait_after(attempts: u32) -> Duration {
    let times = 1_u32.checked_shl(attempts).unwrap_or(u32::MAX);
    FIRST.saturating_mul(times).min(LONGEST)
}

/// A random time between half of `time` and `time`.
pub(super) fn with_jitter(time: Duration) -> Duration {
    let mut random = [0; 2];
    // If the system gives no random number, wait for the whole time.
    let share = match getrandom::fill(&mut random) {
        Ok(()) => f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX),
        Err(_) => 1.0,
    };
    time.mul_f64(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_to_a_limit_and_differ() {
        let waits: Vec<u64> = (0..12)
            .map(|attempts| wait_after(attempts).as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(wait_after(200), LONGEST);
        let times: Vec<Duration> = (0..20).map(|_| with_jitter(LONGEST)).collect();
        assert!(
            times
                .iter()
                .all(|time| (LONGEST / 2..=LONGEST).contains(time))
        );
        assert!(times.iter().any(|time| *time != times[0]));
        let retries = Retries::default();
        let run = RunId(1);
        assert!(retries.may_be_tried(run, None));
        retries.postpone(run);
        assert_eq!(retries.attempts(run), 1);
        assert!(!retries.may_be_tried(run, None));
        retries.forget(run);
        assert!(retries.may_be_tried(run, None));
    }

    #[test]
    fn a_run_that_is_not_open_any_more_is_forgotten() {
        let retries = Retries::default();
        for run in 1..=3 {
            retries.postpone(RunId(run));
        }
        retries.keep(|run| run == RunId(3));
        let attempts = [1, 2, 3].map(|run| retries.attempts(RunId(run)));
        assert_eq!(attempts, [0, 0, 1]);
        assert_eq!(retries.lock().len(), 1);
    }

    #[test]
    fn a_run_that_waits_for_a_key_goes_on_when_the_file_is_another_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("key");
        fs::write(&key, "old").expect("a file");
        let retries = Retries::default();
        let run = RunId(1);
        let postpone = |stamp| retries.postpone_for_key(run, stamp, "abc");
        postpone(retries.stamp_of(&key));
        assert!(!retries.may_be_tried(run, Some(&key)));
        assert_eq!(retries.waits_for_key_with(run).as_deref(), Some("abc"));
        retries.try_all_keys_again();
        assert!(retries.may_be_tried(run, Some(&key)));
        // The run may have fetched its commit before the delivery was refused, and end after that.
        let before = retries.stamp_of(&key);
        retries.try_all_keys_again();
        postpone(before);
        assert!(retries.may_be_tried(run, Some(&key)));
        postpone(retries.stamp_of(&key));
        assert!(!retries.may_be_tried(run, Some(&key)));
        fs::write(&key, "newer").expect("a file");
        assert!(retries.may_be_tried(run, Some(&key)));
    }
}
