//! Answers questions about the runs that are known: which are the newest, which have failed, which were gone back from.

use jiff::Timestamp;

use super::entry::{Cause, RunId, RunResult};
use super::queue::{EndedRuns, Queue, RunState, StackRun};

/// The attempts at a commit that failed, one after another, up to the last one.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct FailedAttempts {
    pub count: u32,
    /// When the last of them ended.
    pub last: Option<Timestamp>,
    /// True if docker has given the commit up.
    pub is_given_up: bool,
}

impl Queue {
    /// How many runs are under way.
    pub(crate) fn running(&self) -> usize {
        let runs = self.runs.values();
        runs.filter(|run| run.state == RunState::Running).count()
    }

    /// How many runs of each target ended with each result, and how long they took.
    pub(crate) fn ended(&self) -> impl Iterator<Item = (&str, RunResult, EndedRuns)> {
        let ended = self.ended.iter();
        ended.map(|((target, result), ended)| (target.as_str(), *result, *ended))
    }

    /// The newest run of a target.
    pub(crate) fn newest_of(&self, target: &str) -> Option<(RunId, &StackRun)> {
        self.newest_first().find(|(_, run)| run.target == target)
    }

    /// The commit that a person has gone back from, successfully or not, and that is not to come again by itself; `None` if nobody has,
    /// or another one was deployed since.
    pub(crate) fn held_back(&self, target: &str) -> Option<&str> {
        let mut ended = self.ended_of(target);
        let last =
            ended.find(|(run, _)| run.because != Cause::Start && run.because != Cause::Drift);
        last.filter(|(run, _)| run.because == Cause::Rollback)?;
        let before = ended.find(|(run, _)| run.because != Cause::Rollback);
        before?.0.commit.as_deref()
    }

    /// The attempts to bring a target to a commit that have failed since another one was tried, or this one was successful.
    pub(crate) fn failed_attempts(&self, target: &str, commit: &str) -> FailedAttempts {
        let ended = self.ended_of(target);
        let failed = ended
            .take_while(|(run, result)| run.commit.as_deref() == Some(commit) && !result.is_good());
        let none = FailedAttempts::default();
        failed.fold(none, |attempts, (run, _)| FailedAttempts {
            count: attempts.count.saturating_add(1),
            last: attempts.last.max(Some(run.since)),
            is_given_up: attempts.is_given_up || run.is_given_up,
        })
    }

    /// The commit before the last change of a target; `None` if none is known.
    pub(crate) fn commit_before(&self, target: &str) -> Option<String> {
        let mut ended = self.ended_of(target);
        let (changed, _) = ended.find(|(_, result)| *result != RunResult::NothingToDo)?;
        let mut before =
            ended.filter(|(run, result)| result.is_good() && run.commit != changed.commit);
        before.find_map(|(run, _)| run.commit.clone())
    }

    /// The runs of a target that are over, the newest first.
    pub(crate) fn ended_of(&self, target: &str) -> impl Iterator<Item = (&StackRun, RunResult)> {
        let of_target = self
            .runs
            .values()
            .rev()
            .filter(move |run| run.target == target);
        of_target.filter_map(|run| match run.state {
            RunState::Ended(result) => Some((run, result)),
            _ => None,
        })
    }

    /// The run that does the work of this one: itself, unless it was overtaken.
    pub(crate) fn successor(&self, id: RunId) -> Option<(RunId, &StackRun)> {
        let (mut id, mut run) = (id, self.run(id)?);
        // Each is later than the one before: the journal has no others.
        while let RunState::Overtaken { by } = run.state {
            (id, run) = (by, self.run(by)?);
        }
        Some((id, run))
    }

    /// A run, if it is known.
    pub(crate) fn run(&self, id: RunId) -> Option<&StackRun> {
        self.runs.get(&id)
    }

    /// All runs, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (RunId, &StackRun)> {
        self.runs.iter().rev().map(|(id, run)| (*id, run))
    }
}
