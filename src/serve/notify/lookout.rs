//! Finds in the queue of runs the events that need a notification.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::announcement::Announcement;
use super::choices::Occasion;
use crate::serve::runs::{Queue, RunId, RunResult, RunState, StackRun};

/// How long a run waits until a notification is sent.
const LONG_WAIT: Duration = Duration::from_secs(15 * 60);

/// Remembers which runs had ended at the last look.
pub(super) struct Lookout {
    over: BTreeSet<RunId>,
    /// The stacks that wait, and for which that was announced.
    waiting: BTreeSet<String>,
    /// The stacks with an announced wait that ended held back. A recovery has not been announced yet.
    held_back: BTreeSet<String>,
}

impl Lookout {
    /// A lookout for which all runs that have ended already are old news.
    pub(super) fn new(queue: &Queue) -> Self {
        let over = ended(queue).map(|(id, ..)| id).collect();
        Self {
            over,
            waiting: BTreeSet::new(),
            held_back: BTreeSet::new(),
        }
    }

    /// The news since the last look, the oldest first.
    pub(super) fn look(&mut self, queue: &Queue, now: Timestamp) -> Vec<Announcement> {
        let mut news = Vec::new();
        let over: BTreeSet<RunId> = ended(queue).map(|(id, ..)| id).collect();
        for id in &over {
            if !self.over.contains(id) {
                news.extend(self.tell_of_end(queue, *id));
            }
        }
        self.over = over;
        let waiting = queue
            .runs()
            .newest_first()
            .filter_map(|(id, run)| match &run.state {
                RunState::Waiting { reason } => Some((id, run, reason)),
                _ => None,
            });
        for (id, run, reason) in waiting {
            // A clock that was set back is no long wait.
            let since = run.waits_since.unwrap_or(run.since);
            let waited = Duration::try_from(now.duration_since(since)).unwrap_or_default();
            if waited >= LONG_WAIT && self.waiting.insert(run.target.clone()) {
                let occasion = Occasion::Failure;
                news.push(Announcement::of(occasion, id, run, Some(reason)));
            }
        }
        news
    }

    fn tell_of_end(&mut self, queue: &Queue, id: RunId) -> Option<Announcement> {
        let run = queue.runs().run(id)?;
        let RunState::Ended(result) = run.state else {
            return None;
        };
        let has_waited = self.waiting.remove(&run.target);
        if run.is_held_back() {
            if has_waited {
                self.held_back.insert(run.target.clone());
            }
            return None;
        }
        let has_waited = self.held_back.remove(&run.target) || has_waited;
        if !result.is_good() {
            let reason = last_words(run, result);
            return Some(Announcement::of(Occasion::Failure, id, run, reason));
        }
        let mut before = ended(queue).filter(|(before, other, _)| {
            *before < id && other.target == run.target && !other.is_held_back()
        });
        let is_recovery = has_waited || before.next().is_some_and(|(.., before)| !before.is_good());
        let occasion = match (is_recovery, result) {
            (true, _) => Occasion::Recovery,
            (false, RunResult::Deployed) => Occasion::Deploy,
            (false, _) => return None,
        };
        Some(Announcement::of(occasion, id, run, None))
    }
}

/// The runs that are over, the newest first.
fn ended(queue: &Queue) -> impl Iterator<Item = (RunId, &StackRun, RunResult)> {
    queue
        .runs()
        .newest_first()
        .filter_map(|(id, run)| match run.state {
            RunState::Ended(result) => Some((id, run, result)),
            _ => None,
        })
}

/// The reason of a failure: the last line of output before the lines with the result.
fn last_words(run: &StackRun, result: RunResult) -> Option<&str> {
    let lines = run.log_lines.iter().rev();
    let mut lines = lines.filter(|line| !line.starts_with(result.word()));
    lines.next().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::runs::{Cause, JournalEntry, RunEvent};

    struct Story {
        queue: Queue,
        lookout: Lookout,
        now: Timestamp,
    }

    impl Story {
        fn new() -> Self {
            let queue = Queue::default();
            Self {
                lookout: Lookout::new(&queue),
                queue,
                now: Timestamp::UNIX_EPOCH,
            }
        }

        fn note(&mut self, run: u64, event: RunEvent) {
            let (run, at) = (RunId(run), self.now);
            self.queue.note(&JournalEntry { run, at, event });
        }

        fn accept(&mut self, run: u64, stack: &str) {
            let event = RunEvent::Accepted {
                target: stack.to_owned(),
                commit: Some("0123456789abcdef".to_owned()),
                delivery: None,
                because: Cause::Push,
            };
            self.note(run, event);
        }

        fn end(&mut self, run: u64, result: RunResult) {
            let log_lines = vec![
                "docker: x".into(),
                "it broke".into(),
                "failed (0123)".into(),
            ];
            let commit = Some("0123456789abcdef".to_owned());
            self.end_at(run, result, commit, log_lines);
        }

        fn end_at(
            &mut self,
            run: u64,
            result: RunResult,
            commit: Option<String>,
            log_lines: Vec<String>,
        ) {
            self.note(
                run,
                RunEvent::Ended {
                    result,
                    commit,
                    is_given_up: false,
                    log_lines,
                },
            );
        }

        fn news(&mut self) -> Vec<(u64, Occasion)> {
            let news = self.lookout.look(&self.queue, self.now);
            news.iter().map(|one| (one.run.0, one.occasion)).collect()
        }
    }

    #[test]
    fn failures_recoveries_and_deployments_are_told_of_once_and_nothing_else() {
        let mut story = Story::new();
        for (run, result, expected) in [
            (1, RunResult::NothingToDo, None),
            (2, RunResult::Deployed, Some(Occasion::Deploy)),
            (3, RunResult::Failed, Some(Occasion::Failure)),
            (4, RunResult::TimedOut, Some(Occasion::Failure)),
            (5, RunResult::NothingToDo, Some(Occasion::Recovery)),
            (6, RunResult::NothingToDo, None),
            (7, RunResult::Failed, Some(Occasion::Failure)),
            (8, RunResult::Deployed, Some(Occasion::Recovery)),
        ] {
            story.accept(run, "web");
            story.end(run, result);
            // Another stack's success is no recovery of this one.
            story.accept(run + 100, "mail");
            story.end(run + 100, RunResult::NothingToDo);
            let expected: Vec<_> = expected
                .map(|occasion| (run, occasion))
                .into_iter()
                .collect();
            assert_eq!(story.news(), expected, "{run}");
            assert_eq!(story.news(), [], "{run}");
        }
    }

    #[test]
    fn what_ended_before_is_no_news_and_counts_for_a_recovery() {
        let mut story = Story::new();
        story.accept(1, "web");
        story.end(1, RunResult::Failed);
        story.lookout = Lookout::new(&story.queue);
        assert_eq!(story.news(), []);
        story.accept(2, "web");
        story.end(2, RunResult::NothingToDo);
        assert_eq!(story.news(), [(2, Occasion::Recovery)]);
    }

    #[test]
    fn a_run_that_was_held_back_is_no_recovery_and_hides_none() {
        let mut story = Story::new();
        story.accept(1, "web");
        story.end(1, RunResult::Failed);
        assert_eq!(story.news(), [(1, Occasion::Failure)]);
        story.accept(2, "web");
        story.end_at(2, RunResult::NothingToDo, None, Vec::new());
        assert_eq!(story.news(), []);
        story.accept(3, "web");
        story.end(3, RunResult::Deployed);
        assert_eq!(story.news(), [(3, Occasion::Recovery)]);
    }

    #[test]
    fn a_long_wait_that_was_told_of_is_over_with_a_run_that_was_held_back() {
        let mut story = Story::new();
        let waits = RunEvent::Waits {
            reason: "the remote is away".to_owned(),
        };
        story.accept(1, "web");
        story.note(1, waits.clone());
        story.now += LONG_WAIT;
        assert_eq!(story.news(), [(1, Occasion::Failure)]);
        story.end_at(1, RunResult::NothingToDo, None, Vec::new());
        assert_eq!(story.news(), []);
        story.accept(2, "web");
        story.note(2, waits);
        story.now += LONG_WAIT;
        assert_eq!(story.news(), [(2, Occasion::Failure)]);
        story.end_at(2, RunResult::NothingToDo, None, Vec::new());
        assert_eq!(story.news(), []);
        // The next run that succeeds is the recovery from the announced wait, and there is only one.
        for (run, expected) in [(3, Some((3, Occasion::Recovery))), (4, None)] {
            story.accept(run, "web");
            story.end(run, RunResult::NothingToDo);
            assert_eq!(story.news(), Vec::from_iter(expected));
        }
    }

    #[test]
    fn a_wait_counts_from_when_it_began_and_not_if_the_clock_was_set_back() {
        let mut story = Story::new();
        story.accept(1, "web");
        // Its window has opened.
        story.now += LONG_WAIT * 8;
        let reason = "the remote is away".to_owned();
        let waits = RunEvent::Waits { reason };
        story.note(1, waits.clone());
        assert_eq!(story.news(), []);
        story.now -= LONG_WAIT * 20;
        assert_eq!(story.news(), []);
        story.now += LONG_WAIT * 21;
        story.note(1, RunEvent::Started);
        story.note(1, waits);
        assert_eq!(story.news(), [(1, Occasion::Failure)]);
    }

    #[test]
    fn the_reason_is_the_line_before_the_result() {
        let mut story = Story::new();
        story.accept(1, "web");
        story.end(1, RunResult::Failed);
        let news = story.lookout.look(&story.queue, story.now);
        assert_eq!(news[0].title(), "web: deployment failed");
        assert_eq!(
            news[0].text(),
            "commit 0123456789ab, run 1 (push): it broke"
        );
    }

    #[test]
    fn a_long_wait_is_told_of_once_and_its_end_is_a_recovery() {
        let mut story = Story::new();
        story.accept(1, "web");
        let reason = "the remote is away".to_owned();
        let waits = RunEvent::Waits { reason };
        story.note(1, waits.clone());
        assert_eq!(story.news(), []);
        story.now += LONG_WAIT;
        story.note(1, waits.clone());
        assert_eq!(story.news(), [(1, Occasion::Failure)]);
        // A newer run that waits for the same thing is no news.
        story.accept(2, "web");
        story.note(1, RunEvent::Overtaken { by: RunId(2) });
        story.now += LONG_WAIT;
        story.note(2, waits);
        assert_eq!(story.news(), []);
        story.end(2, RunResult::NothingToDo);
        assert_eq!(story.news(), [(2, Occasion::Recovery)]);
    }
}
