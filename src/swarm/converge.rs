//! Whether a service is what its spec says: a pure function of what was observed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::service::{Mode, ServiceState, TaskPhase, TaskState, UpdatePhase};

/// So many tasks must fail before a service that is not being updated counts as broken: one may be waiting for another.
const FAILURES: usize = 3;
/// So long after a task has ended the engine has made the one that follows it, if there is to be one.
const SUCCESSION: Duration = Duration::from_secs(2);

/// A service, and what was seen of it before.
#[derive(Debug, Clone)]
pub struct Observed<'a> {
    /// The service now.
    pub service: &'a ServiceState,
    /// How long each task has been seen in the phase that it is in; for ever, if it was before the deployment.
    pub seen_for: &'a BTreeMap<String, Duration>,
    /// Tasks that were over before the deployment: they say nothing about it.
    pub over_before: &'a BTreeSet<String>,
    /// How long the service has been watched.
    pub watched_for: Duration,
}

/// How far a service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not there yet.
    Waiting(Progress),
    /// Everything runs as the spec says, and has for the service's monitor time.
    Converged(Progress),
    /// It won't get there by itself.
    Broken(Breakage),
}

/// Tasks running of wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Tasks of the current spec that run; for a job, that have ended well.
    pub running: u64,
    /// How many there are to be.
    pub wanted: u64,
    /// What it is at.
    pub doing: Doing,
}

/// What a service is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// Tasks start.
    Starting,
    /// Something keeps tasks from starting, for now.
    Held(String),
    /// Tasks of an older spec are replaced.
    Updating,
    /// The engine goes back to the previous spec.
    RollingBack,
    /// All tasks run, not yet for long enough.
    Settling,
    /// All is as it should be.
    Done,
}

/// Why a service is not what its spec says, and won't be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breakage {
    /// The engine has given up its update.
    UpdatePaused {
        /// What the engine says.
        message: String,
        /// The task's own error.
        error: Option<String>,
    },
    /// The engine has gone back to the previous spec.
    RolledBack {
        /// The task's own error.
        error: Option<String>,
    },
    /// The engine has given up going back.
    RollbackPaused {
        /// What the engine says.
        message: String,
        /// The task's own error.
        error: Option<String>,
    },
    /// A task can't start.
    CannotStart {
        /// Its own error.
        error: String,
    },
    /// Tasks start and fail.
    KeepsFailing {
        /// The last one's error.
        error: String,
    },
    /// It was removed while it was waited for.
    Gone,
}

/// Judges one service.
pub fn converged(observed: &Observed<'_>) -> State {
    let service = observed.service;
    let error = || observed.last_error();
    let update = service.update.as_ref();
    let message = || update.map(|update| update.message.clone());
    let waiting = |doing| State::Waiting(observed.progress(doing));
    match update.map(|update| update.phase) {
        Some(UpdatePhase::Updating) => return waiting(Doing::Updating),
        Some(UpdatePhase::RollingBack) => return waiting(Doing::RollingBack),
        Some(UpdatePhase::Paused) => {
            return State::Broken(Breakage::UpdatePaused {
                message: message().unwrap_or_default(),
                error: error(),
            });
        }
        Some(UpdatePhase::RollbackPaused) => {
            return State::Broken(Breakage::RollbackPaused {
                message: message().unwrap_or_default(),
                error: error(),
            });
        }
        Some(UpdatePhase::RolledBack) => {
            return State::Broken(Breakage::RolledBack { error: error() });
        }
        Some(UpdatePhase::Completed) | None => {}
    }
    let progress = observed.progress(Doing::Done);
    let old_ones = |task: &&TaskState| task.wanted && !task.current;
    let enough =
        progress.running >= progress.wanted && !service.tasks.iter().any(|it| old_ones(&it));
    if !enough {
        return match observed.breakage() {
            Some(breakage) => State::Broken(breakage),
            None => waiting(observed.doing()),
        };
    }
    if observed.is_settled(progress.wanted) {
        State::Converged(progress)
    } else {
        waiting(Doing::Settling)
    }
}

impl Observed<'_> {
    fn progress(&self, doing: Doing) -> Progress {
        let counts = |slot: &&&str| match self.service.mode {
            Mode::Replicated(_) | Mode::Global => self.runs(slot) || self.has_finished(slot),
            Mode::ReplicatedJob(_) | Mode::GlobalJob => self.is_complete(slot),
        };
        let slots = self.slots();
        Progress {
            running: slots.iter().filter(counts).count() as u64,
            wanted: match self.service.mode {
                Mode::Replicated(count) | Mode::ReplicatedJob(count) => count,
                Mode::Global | Mode::GlobalJob => slots.len() as u64,
            },
            doing,
        }
    }

    /// What tasks of the current spec fill, or older ones that are still to run.
    fn slots(&self) -> BTreeSet<&str> {
        let tasks = self.service.tasks.iter();
        let counted = tasks.filter(|task| task.wanted || (task.current && self.tells(task)));
        counted.map(|task| task.slot.as_str()).collect()
    }

    fn current_in(&self, slot: &str) -> impl Iterator<Item = &TaskState> {
        let tasks = self.service.tasks.iter();
        tasks.filter(move |task| task.current && task.slot == slot)
    }

    fn runs(&self, slot: &str) -> bool {
        self.current_in(slot)
            .any(|task| task.wanted && task.phase == TaskPhase::Running)
    }

    fn is_complete(&self, slot: &str) -> bool {
        self.current_in(slot)
            .any(|task| task.phase == TaskPhase::Complete)
    }

    /// True where a task has ended well and none is to follow, as its restart policy has it.
    fn has_finished(&self, slot: &str) -> bool {
        let succeeded = |task: &TaskState| {
            task.phase == TaskPhase::Complete && self.seen_for(task) >= SUCCESSION
        };
        let last = self.current_in(slot).max_by_key(|task| task.created_at);
        last.is_some_and(succeeded) && !self.current_in(slot).any(|task| task.wanted)
    }

    /// True where every task has run for the monitor time. Where none is wanted, none has appeared in that time.
    fn is_settled(&self, wanted: u64) -> bool {
        let monitor = self.service.monitor;
        match self.service.mode {
            Mode::ReplicatedJob(_) => return true,
            Mode::Global | Mode::GlobalJob if wanted == 0 => return self.watched_for >= monitor,
            Mode::GlobalJob => return true,
            Mode::Replicated(_) | Mode::Global => {}
        }
        let running = |task: &&TaskState| task.wanted && task.phase == TaskPhase::Running;
        let tasks = self.service.tasks.iter();
        tasks
            .filter(running)
            .all(|task| self.seen_for(task) >= monitor)
    }

    /// What tells that tasks won't run.
    fn breakage(&self) -> Option<Breakage> {
        let failures: Vec<&TaskState> = self.failures().filter(|task| task.current).collect();
        let last = failures.last()?;
        let error = describe(last);
        if last.phase == TaskPhase::Rejected {
            return Some(Breakage::CannotStart { error });
        }
        let mut slots: BTreeMap<&str, usize> = BTreeMap::new();
        for task in &failures {
            *slots.entry(&task.slot).or_default() += 1;
        }
        let restarted = slots.values().any(|&count| count >= FAILURES);
        let abandoned = self.seen_for(last) >= SUCCESSION
            && !self.current_in(&last.slot).any(|task| task.wanted);
        (restarted || abandoned).then_some(Breakage::KeepsFailing { error })
    }

    fn doing(&self) -> Doing {
        let tasks = self.service.tasks.iter();
        let held = tasks
            .filter(|task| task.wanted && task.phase == TaskPhase::Starting)
            .find_map(|task| task.error.clone());
        held.map_or(Doing::Starting, Doing::Held)
    }

    fn last_error(&self) -> Option<String> {
        self.failures().last().map(describe)
    }

    /// Tasks that went wrong in this deployment, of whatever spec: after a rollback theirs is not the current one.
    fn failures(&self) -> impl Iterator<Item = &TaskState> {
        let tasks = self.service.tasks.iter();
        let mut failures: Vec<&TaskState> = tasks
            .filter(|task| task.phase.is_failure() && self.tells(task))
            .collect();
        failures.sort_by_key(|task| task.created_at);
        failures.into_iter()
    }

    /// True for a task that was not over before the deployment, or that ended well.
    fn tells(&self, task: &TaskState) -> bool {
        task.phase == TaskPhase::Complete || !self.over_before.contains(&task.id)
    }

    fn seen_for(&self, task: &TaskState) -> Duration {
        self.seen_for.get(&task.id).copied().unwrap_or_default()
    }
}

fn describe(task: &TaskState) -> String {
    match &task.error {
        Some(error) => error.clone(),
        None => "a task failed and says nothing more".to_owned(),
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            running, wanted, ..
        } = self;
        write!(formatter, "{running} of {wanted}")?;
        match &self.doing {
            Doing::Starting => formatter.write_str(", starting"),
            Doing::Held(why) => write!(formatter, ", waiting: {why}"),
            Doing::Updating => formatter.write_str(", updating"),
            Doing::RollingBack => formatter.write_str(", rolling back"),
            Doing::Settling => formatter.write_str(", settling"),
            Doing::Done => Ok(()),
        }
    }
}

impl fmt::Display for Breakage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let because = |error: &Option<String>| match error {
            Some(error) => format!(": {error}"),
            None => String::new(),
        };
        match self {
            Self::UpdatePaused { message, error } => {
                write!(formatter, "{message}{}", because(error))
            }
            Self::RolledBack { error } => {
                write!(formatter, "rolled back by Docker{}", because(error))
            }
            Self::RollbackPaused { message, error } => {
                write!(formatter, "{message}{}", because(error))
            }
            Self::CannotStart { error } => write!(formatter, "a task can't start: {error}"),
            Self::KeepsFailing { error } => write!(formatter, "its tasks fail: {error}"),
            Self::Gone => formatter.write_str("it was removed meanwhile"),
        }
    }
}
