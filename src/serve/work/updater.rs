//! Starts the runs that may start, each in a thread of its own, and notes how they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::ZonedDateTime;

use super::attempts::Attempts;
use super::bringing::DockerAccess;
use super::drift::Drifts;
use super::polling::Polls;
use super::pulse::Pulse;
use super::retries::{Retries, wait_after};
use crate::serve::clone::BareClone;
use crate::serve::news::{News, ServiceLog, Weight};
use crate::serve::notify::AnnouncementCounts;
use crate::serve::runs::{Book, Cause, JournalError, Queue, RunId, RunState, StackRun, Wish};
use crate::serve::settings::{ServedStack, ServiceSettings};

/// How much time passes at most until a window that opens, or the time for another attempt, is noticed.
const TICK: Duration = Duration::from_millis(500);

/// Maximum number of runs that are under way at once. Each has a docker client, and the Swarm starts what it deploys.
const RUNS_AT_ONCE: usize = 4;

/// Maximum time between two attempts to begin while the disk is full.
const LONGEST_BEGINNING: Duration = Duration::from_secs(60);

/// The parts that an updater is made of.
pub(crate) struct UpdaterParts {
    pub settings: Arc<ServiceSettings>,
    pub book: Arc<Book>,
    pub docker: DockerAccess,
    pub log: Arc<dyn ServiceLog>,
    /// How many of the notifications were sent.
    pub announced: Arc<AnnouncementCounts>,
    /// True once the service is to end.
    pub is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// The part of the service that works.
pub(crate) struct Updater {
    pub(super) parts: UpdaterParts,
    pub(super) clones: Vec<BareClone>,
    pub(super) pulse: Pulse,
    /// Whether runs can be written down.
    disk: Pulse,
    pub(super) drifts: Drifts,
    pub(super) polls: Polls,
    pub(super) retries: Retries,
    pub(super) attempts: Attempts,
    retried: AtomicU64,
    /// How many runs were under way when it looked last.
    under_way: AtomicUsize,
    /// When it was made. No clock that can be set counts.
    made: Instant,
    /// The last time at which it looked for runs to start, in seconds since it was made.
    looked: AtomicU64,
}

impl Updater {
    pub(crate) fn new(parts: UpdaterParts) -> Self {
        let settings = &parts.settings;
        let repositories = settings.repositories.iter();
        let clones = repositories.map(|repository| BareClone::new(&settings.state, repository));
        Self {
            clones: clones.collect(),
            pulse: Pulse::default(),
            disk: Pulse::default(),
            drifts: Drifts::default(),
            polls: Polls::default(),
            retries: Retries::default(),
            attempts: Attempts::new(&settings.state),
            retried: AtomicU64::new(0),
            under_way: AtomicUsize::new(0),
            made: Instant::now(),
            looked: AtomicU64::new(0),
            parts,
        }
    }

    /// Works until the service is to end, and the runs that are under way have ended.
    pub(crate) fn work(&self) {
        // The number of attempts to begin, and the time of the next one.
        let mut to_begin = Some((0, Instant::now()));
        thread::scope(|scope| {
            scope.spawn(|| self.feel_pulse());
            if let Some(poll) = self.parts.settings.poll {
                // A remote that hangs keeps nobody from asking the others.
                for place in 0..self.clones.len() {
                    scope.spawn(move || self.poll(place, poll));
                }
            }
            if let Some(drift) = self.parts.settings.drift {
                scope.spawn(move || self.look_for_drift(drift));
            }
            while !self.is_stopped() {
                // No forge sends again what came while nobody listened, or while there was no room for it.
                if self.parts.book.has_refused() && to_begin.is_none() {
                    to_begin = Some((0, Instant::now()));
                }
                if let Some((attempts, at)) = to_begin
                    && Instant::now() >= at
                {
                    let wait = wait_after(attempts).min(LONGEST_BEGINNING);
                    let is_begun = self.begin();
                    to_begin = (!is_begun).then(|| (attempts + 1, Instant::now() + wait));
                }
                let may_start = |id: RunId, run: &StackRun| self.may_start(id, run);
                let book = &self.parts.book;
                let (started, written) = book.start_next(RUNS_AT_ONCE, &may_start);
                let under_way = book.read(Queue::running);
                self.under_way.store(under_way, Ordering::Relaxed);
                if !started.is_empty() || written.is_err() {
                    self.tell_of_trouble(written);
                }
                // All of them were asked for before this moment.
                let now = Instant::now();
                for (id, run) in started {
                    scope.spawn(move || self.run(id, &run, now));
                }
                let seconds = self.made.elapsed().as_secs();
                self.looked.store(seconds, Ordering::Relaxed);
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
        let others = self.under_way.load(Ordering::Relaxed);
        let is_turn_of_others = || {
            let text = format!("{others} other runs are under way, and no more may be");
            let is_next = run.state == RunState::Pending && others >= RUNS_AT_ONCE;
            is_next.then_some(text)
        };
        self.obstacle_of_stack(run).or_else(is_turn_of_others)
    }

    /// The obstacle that has nothing to do with other stacks.
    fn obstacle_of_stack(&self, run: &StackRun) -> Option<String> {
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

    /// How many polls were done, and how many failed.
    pub(crate) fn polls(&self) -> [u64; 2] {
        let Polls { done, failed } = &self.polls;
        [done, failed].map(|count| count.load(Ordering::Relaxed))
    }

    /// How often a run was put off.
    pub(crate) fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    pub(super) fn count_retry(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    /// The time since it last looked for runs to start.
    pub(crate) fn seconds_since_look(&self) -> u64 {
        let looked = self.looked.load(Ordering::Relaxed);
        self.made.elapsed().as_secs().saturating_sub(looked)
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

    /// Tells whether runs can be written down, if that has changed.
    pub(super) fn tell_of_trouble(&self, written: Result<(), JournalError>) {
        let trouble = written.err().map(|error| error.to_string());
        let (weight, text) = match &trouble {
            Some(trouble) => (Weight::Error, trouble.clone()),
            None => {
                let text = "runs can be written down again".to_owned();
                (Weight::Information, text)
            }
        };
        if self.disk.note(trouble) {
            self.say(weight, &text);
        }
    }

    fn may_start(&self, id: RunId, run: &StackRun) -> bool {
        let is_due = match run.state {
            RunState::Pending => true,
            RunState::Waiting { .. } => self.retries.may_go_on(id, self.key_file(&run.target)),
            _ => false,
        };
        is_due && self.obstacle_of_stack(run).is_none()
    }
}
