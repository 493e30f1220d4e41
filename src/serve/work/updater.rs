//! Starts the runs that may start, each in a thread of its own, and notes how they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use jiff::{Timestamp, ZonedDateTime};

use super::bringing::DockerAccess;
use super::drift::Drifts;
use super::pulse::Pulse;
use super::retries::Retries;
use crate::serve::clone::BareClone;
use crate::serve::news::{News, ServiceLog, Weight};
use crate::serve::runs::{Book, Cause, JournalError, RunId, RunState, StackRun, Wish};
use crate::serve::settings::{ServedStack, ServiceSettings};

/// How much time passes at most until a window that opens, or the time for another attempt, is noticed.
const TICK: Duration = Duration::from_millis(500);

/// The parts that an updater is made of.
pub(crate) struct UpdaterParts {
    pub settings: Arc<ServiceSettings>,
    pub book: Arc<Book>,
    pub docker: DockerAccess,
    pub log: Arc<dyn ServiceLog>,
    /// True once the service is to end.
    pub is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// The part of the service that works.
pub(crate) struct Updater {
    pub(super) parts: UpdaterParts,
    pub(super) clones: Vec<BareClone>,
    pub(super) pulse: Pulse,
    pub(super) drifts: Drifts,
    pub(super) retries: Retries,
    retried: AtomicU64,
    /// The last time at which it looked for runs to start, in seconds since 1970.
    looked: AtomicI64,
}

impl Updater {
    pub(crate) fn new(parts: UpdaterParts) -> Self {
        let settings = &parts.settings;
        let repositories = settings.repositories.iter();
        let clones = repositories.map(|repository| BareClone::new(&settings.state, repository));
        Self {
            clones: clones.collect(),
            pulse: Pulse::default(),
            drifts: Drifts::default(),
            retries: Retries::default(),
            retried: AtomicU64::new(0),
            looked: AtomicI64::new(Timestamp::now().as_second()),
            parts,
        }
    }

    /// Works until the service is to end, and the runs that are under way have ended.
    pub(crate) fn work(&self) {
        let mut is_begun = false;
        thread::scope(|scope| {
            scope.spawn(|| self.feel_pulse());
            if let Some(poll) = self.parts.settings.poll {
                scope.spawn(move || self.poll(poll));
            }
            if let Some(drift) = self.parts.settings.drift {
                scope.spawn(move || self.look_for_drift(drift));
            }
            while !self.is_stopped() {
                // No forge sends again what came while nobody listened.
                is_begun = is_begun || self.begin();
                let may_start = |id: RunId, run: &StackRun| self.may_start(id, run);
                let (started, written) = self.parts.book.start_next(&may_start);
                self.tell_of_trouble(written);
                for (id, run) in started {
                    scope.spawn(move || self.run(id, &run));
                }
                let now = Timestamp::now().as_second();
                self.looked.store(now, Ordering::Relaxed);
                self.parts.book.wait_for_change(TICK);
            }
        });
    }

    /// Has each stack brought to the newest commit. False if that can't be written down now.
    fn begin(&self) -> bool {
        let stacks = self.parts.settings.stacks.iter();
        let begun = self.parts.book.accept(stacks.map(|stack| Wish {
            target: stack.name.to_string(),
            commit: None,
            delivery: None,
            because: Cause::Start,
        }));
        let is_begun = begun.is_ok();
        self.tell_of_trouble(begun.map(drop));
        is_begun
    }

    /// Why a run that is open can't start now; `None` if it can.
    pub(crate) fn obstacle(&self, run: &StackRun) -> Option<String> {
        let stack = self.parts.settings.stack(&run.target);
        let Some(ServedStack { window, .. }) = stack else {
            return Some("the stack is not in the settings any more".to_owned());
        };
        let wait = window.as_ref()?.opens_in(&ZonedDateTime::now());
        let is_open = wait.is_zero();
        let minutes = wait.as_mins() + 1;
        (!is_open).then(|| format!("its window opens in {minutes} min"))
    }

    /// The differences between a stack in the Swarm and its commit, as they were seen last.
    pub(crate) fn drift_of(&self, stack: &str) -> Vec<String> {
        self.drifts.of(stack)
    }

    /// How often a run was put off.
    pub(crate) fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    pub(super) fn count_retry(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    /// The time since it last looked for runs to start.
    pub(crate) fn seconds_since_look(&self) -> i64 {
        Timestamp::now().as_second() - self.looked.load(Ordering::Relaxed)
    }

    /// Why the Swarm can't be reached, if it can't.
    pub(crate) fn trouble_with_swarm(&self) -> Option<String> {
        self.pulse.trouble()
    }

    pub(crate) fn parts(&self) -> &UpdaterParts {
        &self.parts
    }

    pub(super) fn is_stopped(&self) -> bool {
        (self.parts.is_stopped)()
    }

    pub(super) fn say(&self, weight: Weight, text: &str) {
        self.parts.log.tell(&News::of_service(weight, text));
    }

    pub(super) fn tell_of_trouble(&self, written: Result<(), JournalError>) {
        if let Err(error) = written {
            self.say(Weight::Error, &error.to_string());
        }
    }

    fn may_start(&self, id: RunId, run: &StackRun) -> bool {
        let is_due = match run.state {
            RunState::Pending => true,
            RunState::Waiting { .. } => self.retries.may_go_on(id, self.key_file(&run.target)),
            _ => false,
        };
        is_due && self.obstacle(run).is_none()
    }
}
