//! Polls the remotes for commits that no delivery has told of, or that another instance was told of and could not
//! deploy.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::context::WorkContext;
use super::retries::Retries;
use crate::serve::log::LogLevel;
use crate::serve::runs::{Cause, FailedAttempts, Queue, RunRequest, RunState};

/// Maximum time between two attempts to deploy a commit that has failed.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How many polls succeeded and failed since the service started.
#[derive(Default)]
pub(super) struct Polls {
    done: AtomicU64,
    /// Polls for which the remote could not be reached.
    failed: AtomicU64,
}

impl Polls {
    /// How many polls succeeded, and how many failed.
    pub(super) fn counts(&self) -> [u64; 2] {
        let Self { done, failed } = self;
        [done, failed].map(|count| count.load(Ordering::Relaxed))
    }
}

/// Polls one remote.
pub(super) struct Polling<'a> {
    pub context: &'a WorkContext,
    pub retries: &'a Retries,
    pub polls: &'a Polls,
    /// The index of its repository in the settings.
    pub place: usize,
    /// About how much time passes between two polls.
    pub interval: Duration,
}

impl Polling<'_> {
    /// Polls the remote about every `interval` until the service is to end.
    pub(super) fn poll(&self) {
        let round = || self.poll_once();
        self.context.repeat_every(self.interval, "polling", round);
    }

    fn poll_once(&self) {
        let context = self.context;
        let clone = &context.clones[self.place];
        let commit = match clone.fetch(Instant::now(), &|| context.is_stopped()) {
            Ok(commit) => commit,
            Err(_) if context.is_stopped() => return,
            Err(error) => {
                // No retry here: the next poll asks again.
                self.polls.failed.fetch_add(1, Ordering::Relaxed);
                return context.write_log(LogLevel::Warning, &error.to_string());
            }
        };
        self.request_runs(&commit);
        self.polls.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Accepts a run for each stack that is not at this commit of its repository.
    fn request_runs(&self, commit: &str) {
        let parts = &self.context.parts;
        let stacks = parts.settings.stacks_of(self.place);
        let lagging = parts.book.read(|queue| {
            let lagging =
                stacks.filter(|stack| self.is_lagging(queue, stack.name.as_str(), commit));
            lagging
                .map(|stack| stack.name.to_string())
                .collect::<Vec<_>>()
        });
        if lagging.is_empty() {
            return;
        }
        self.context
            .accept(lagging.into_iter().map(|target| RunRequest {
                target,
                commit: Some(commit.to_owned()),
                delivery: None,
                because: Cause::Poll,
            }));
    }

    /// True if a stack needs a run for `commit`, the newest on its branch. A run that has not started yet finds the
    /// newest commit itself.
    fn is_lagging(&self, queue: &Queue, stack: &str, commit: &str) -> bool {
        let Some((_, run)) = queue.runs().newest_of(stack) else {
            return true;
        };
        let is_held_back = queue.runs().held_back(stack) == Some(commit);
        // A run that waits for a key that opens its own commit may wait for ever, and with it a later one that may not take its place.
        let mut open = queue.runs().runs_of(stack).filter(|(_, run)| run.is_open());
        if let Some(waits_with) = open.find_map(|(id, _)| self.retries.waits_for_key_with(id)) {
            return waits_with != commit && !is_held_back;
        }
        let is_of_another = run.commit.as_deref() != Some(commit);
        let is_lagging = match &run.state {
            RunState::Ended(_) if is_of_another => true,
            RunState::Ended(result) => {
                let failed = queue.runs().failed_attempts(stack, commit);
                !result.is_good() && is_due(failed, self.interval, Timestamp::now())
            }
            RunState::Running => run.commit.is_some() && is_of_another,
            RunState::Pending | RunState::Waiting { .. } | RunState::Overtaken { .. } => false,
        };
        is_lagging && !is_held_back
    }
}

/// True if it is time for another attempt at a commit that has failed. Each wait is twice as long as the one before. A
/// commit that docker has given up on is never due.
fn is_due(failed: FailedAttempts, interval: Duration, now: Timestamp) -> bool {
    let Some(last) = failed.last.filter(|_| !failed.is_given_up) else {
        return false;
    };
    let times = failed.count.saturating_sub(1);
    let times = 1_u32.checked_shl(times).unwrap_or(u32::MAX);
    let wait = interval.saturating_mul(times).min(LONGEST.max(interval));
    // If the clock was set back, don't wait.
    Duration::try_from(now.duration_since(last)).is_ok_and(|passed| passed >= wait) || now < last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_failed_is_tried_less_and_less_often_and_not_if_docker_gave_it_up() {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let minute = Duration::from_secs(60);
        let failed = |count, is_given_up| FailedAttempts {
            count,
            last: Some(at(1_000_000)),
            is_given_up,
        };
        for (count, wait) in [
            (1, 60),
            (2, 120),
            (5, 960),
            (40, 86_400),
            (u32::MAX, 86_400),
        ] {
            let is_due = |passed: i64| is_due(failed(count, false), minute, at(1_000_000 + passed));
            assert!(is_due(wait) && !is_due(wait - 1), "{count}");
            assert!(is_due(-1), "{count}");
        }
        assert!(!is_due(failed(1, true), minute, at(9_000_000)));
        assert!(!is_due(FailedAttempts::default(), minute, at(9_000_000)));
        let rarely = LONGEST * 3;
        assert!(!is_due(
            failed(1, false),
            rarely,
            at(1_000_000 + 86_400 * 2)
        ));
    }
}
