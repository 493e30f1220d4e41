//! The known runs, and questions about them: the newest ones, failed ones, and commits that were rolled back.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::entry::{Cause, RunId, RunResult};
use super::run::{RunState, StackRun};

/// All known runs: those that have not ended, and the last ones that have.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct KnownRuns {
    pub(super) by_id: BTreeMap<RunId, StackRun>,
}

/// The latest consecutive attempts at a commit that failed.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct FailedAttempts {
    pub count: u32,
    /// When the last of them ended.
    pub last: Option<Timestamp>,
    /// True if docker has given up on the commit.
    pub is_given_up: bool,
}

impl KnownRuns {
    /// How many runs are under way.
    pub(crate) fn running(&self) -> usize {
        let runs = self.by_id.values();
        runs.filter(|run| run.state == RunState::Running).count()
    }

    /// The newest run of a stack.
    pub(crate) fn newest_of(&self, target: &str) -> Option<(RunId, &StackRun)> {
        self.runs_of(target).next()
    }

    /// The newest run of a stack that was not held back.
    pub(crate) fn newest_conclusive_of(&self, target: &str) -> Option<(RunId, &StackRun)> {
        let mut runs = self.runs_of(target);
        runs.find(|(_, run)| !run.is_held_back())
    }

    /// The last successful run of a stack: its commit is the one that runs.
    pub(crate) fn last_successful_of(&self, target: &str) -> Option<&StackRun> {
        let mut tried = self.conclusive_runs_of(target);
        let is_good =
            |(run, result): &(&StackRun, RunResult)| result.is_good() && run.commit.is_some();
        tried.find(is_good).map(|(run, _)| run)
    }

    /// The commit that a person has rolled back, successfully or not. The service does not deploy it again by itself.
    /// `None` if there was no rollback, or if another commit was deployed since.
    pub(crate) fn held_back(&self, target: &str) -> Option<&str> {
        let (before, _) = self.rollback_in_force(target)?;
        self.run(before)?.commit.as_deref()
    }

    /// The run whose commit is held back, and the rollback from it.
    pub(super) fn rollback_in_force(&self, target: &str) -> Option<(RunId, RunId)> {
        // Healing drift deploys the commit again that runs already.
        let mut tried = self.runs_of(target).filter(|(_, run)| {
            let has_ended = matches!(run.state, RunState::Ended(_));
            has_ended && run.commit.is_some() && run.because != Cause::Drift
        });
        let (back, rollback) = tried.next()?;
        if rollback.because != Cause::Rollback {
            return None;
        }
        let (before, run) = tried.find(|(_, run)| run.because != Cause::Rollback)?;
        (run.commit != rollback.commit).then_some((before, back))
    }

    /// The failed attempts at a commit since the stack's last attempt at another commit, or since the last success.
    pub(crate) fn failed_attempts(&self, target: &str, commit: &str) -> FailedAttempts {
        let tried = self.conclusive_runs_of(target);
        let failed = tried
            .take_while(|(run, result)| run.commit.as_deref() == Some(commit) && !result.is_good());
        let none = FailedAttempts::default();
        failed.fold(none, |attempts, (run, _)| FailedAttempts {
            count: attempts.count.saturating_add(1),
            last: attempts.last.max(Some(run.since)),
            is_given_up: attempts.is_given_up || run.is_given_up,
        })
    }

    /// The commit before the last change of a stack; `None` if it is not known.
    pub(crate) fn commit_before(&self, target: &str) -> Option<String> {
        let mut tried = self.conclusive_runs_of(target);
        let (changed, _) = tried.find(|(_, result)| *result != RunResult::NothingToDo)?;
        let mut before =
            tried.filter(|(run, result)| result.is_good() && run.commit != changed.commit);
        before.find_map(|(run, _)| run.commit.clone())
    }

    /// The ended runs of a stack, newest first, without those that were held back: they say nothing about the stack.
    pub(crate) fn conclusive_runs_of(
        &self,
        target: &str,
    ) -> impl Iterator<Item = (&StackRun, RunResult)> {
        let told = self.runs_of(target).filter(|(_, run)| !run.is_held_back());
        told.filter_map(|(_, run)| match run.state {
            RunState::Ended(result) => Some((run, result)),
            _ => None,
        })
    }

    /// The runs of a stack, newest first.
    pub(crate) fn runs_of(&self, target: &str) -> impl Iterator<Item = (RunId, &StackRun)> {
        self.newest_first()
            .filter(move |(_, run)| run.target == target)
    }

    /// The run itself, or the last one of those that overtook it.
    pub(crate) fn successor(&self, id: RunId) -> Option<(RunId, &StackRun)> {
        let (mut id, mut run) = (id, self.run(id)?);
        // This ends: the journal accepts only runs that are overtaken by a later one.
        while let RunState::Overtaken { by } = run.state {
            (id, run) = (by, self.run(by)?);
        }
        Some((id, run))
    }

    /// A run by its number; `None` if it is not known.
    pub(crate) fn run(&self, id: RunId) -> Option<&StackRun> {
        self.by_id.get(&id)
    }

    /// All runs, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (RunId, &StackRun)> {
        self.by_id.iter().rev().map(|(id, run)| (*id, run))
    }
}
