//! Starts the runs that may start, each in its own thread.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::ZonedDateTime;

use super::attempts::Attempts;
use super::context::{UpdaterParts, WorkContext};
use super::drift::Drifts;
use super::polling::{Polling, Polls};
use super::retries::{Retries, wait_after};
use super::running::Runner;
use super::swarm_check::SwarmCheck;
use crate::serve::runs::{Cause, RunId, RunRequest, RunState, StackRun};
use crate::serve::settings::ServedStack;

/// Maximum delay until the updater notices that a window has opened or a retry is due.
const TICK: Duration = Duration::from_millis(500);

/// Maximum number of concurrent runs. Each runs a docker client, and starts tasks in the Swarm.
const RUNS_AT_ONCE: usize = 4;

/// Maximum time between two attempts to accept the runs of the start, while the disk is full.
const LONGEST_BEGINNING: Duration = Duration::from_secs(60);

/// Starts runs, and the threads that poll remotes, look for drift and watch the Swarm.
pub(crate) struct Updater {
    context: WorkContext,
    swarm_check: SwarmCheck,
    drifts: Drifts,
    polls: Polls,
    retries: Retries,
    attempts: Attempts,
    /// How many runs were under way when the updater looked last.
    under_way: AtomicUsize,
    /// When the updater was made, by a monotonic clock.
    made: Instant,
    /// When the updater last looked for runs to start, in seconds since `made`.
    looked: AtomicU64,
}

impl Updater {
    pub(crate) fn new(parts: UpdaterParts) -> Self {
        Self {
            swarm_check: SwarmCheck::default(),
            drifts: Drifts::default(),
            polls: Polls::default(),
            retries: Retries::default(),
            attempts: Attempts::new(&parts.settings.state),
            under_way: AtomicUsize::new(0),
            made: Instant::now(),
            looked: AtomicU64::new(0),
            context: WorkContext::new(parts),
        }
    }

    /// Works until the service is to end and all started runs have ended.
    pub(crate) fn work(&self) {
        // Failed attempts to accept the runs of the start, and the time of the next attempt; `None` once accepted.
        let mut to_begin = Some((0, Instant::now()));
        let context = &self.context;
        let UpdaterParts { settings, book, .. } = &context.parts;
        thread::scope(|scope| {
            scope.spawn(|| self.swarm_check.run(context));
            if let Some(interval) = settings.poll {
                // One thread per remote, so that a hanging remote does not delay the others.
                for place in 0..context.clones.len() {
                    let polling = Polling {
                        context,
                        retries: &self.retries,
                        polls: &self.polls,
                        place,
                        interval,
                    };
                    scope.spawn(move || polling.poll());
                }
            }
            if let Some(interval) = settings.drift {
                scope.spawn(move || self.drifts.look(context, interval));
            }
            while !context.is_stopped() {
                // Forges don't repeat deliveries that came while the service was down or the disk was full. Deploy all
                // stacks instead.
                if book.has_refused() {
                    self.retries.try_all_keys_again();
                    to_begin.get_or_insert((0, Instant::now()));
                }
                if let Some((attempts, at)) = to_begin
                    && Instant::now() >= at
                {
                    let wait = wait_after(attempts).min(LONGEST_BEGINNING);
                    let is_begun = self.begin();
                    to_begin = (!is_begun).then(|| (attempts + 1, Instant::now() + wait));
                }
                let may_start = |id: RunId, run: &StackRun| self.may_start(id, run);
                let (started, written) = book.start_next(RUNS_AT_ONCE, &may_start);
                let under_way = book.read(|queue| {
                    let is_over = |id| queue.runs().run(id).is_none_or(StackRun::is_over);
                    self.retries.keep(|id| !is_over(id));
                    queue.runs().running()
                });
                self.under_way.store(under_way, Ordering::Relaxed);
                if !started.is_empty() || written.is_err() {
                    context.log_disk_error(written);
                }
                // All of these runs were accepted before this moment.
                let now = Instant::now();
                for (id, run) in started {
                    let runner = Runner {
                        context,
                        retries: &self.retries,
                        attempts: &self.attempts,
                    };
                    scope.spawn(move || runner.run(id, &run, now));
                }
                let seconds = self.made.elapsed().as_secs();
                self.looked.store(seconds, Ordering::Relaxed);
                book.wait_for_change(TICK);
            }
        });
    }

    /// Accepts a run of each stack for its newest commit. False if that can't be written to the disk now.
    fn begin(&self) -> bool {
        let stacks = self.context.parts.settings.stacks.iter();
        self.context.accept(stacks.map(|stack| RunRequest {
            target: stack.name.to_string(),
            commit: None,
            delivery: None,
            because: Cause::Start,
        }))
    }

    /// Why an open run can't start now; `None` if it can.
    pub(crate) fn obstacle(&self, run: &StackRun) -> Option<String> {
        let others = self.under_way.load(Ordering::Relaxed);
        let is_turn_of_others = || {
            let text = format!("{others} other runs are under way, and no more may be");
            let is_next = run.state == RunState::Pending && others >= RUNS_AT_ONCE;
            is_next.then_some(text)
        };
        self.obstacle_of_stack(run).or_else(is_turn_of_others)
    }

    /// Why a run can't start now, apart from other stacks' runs; `None` if nothing is in the way.
    fn obstacle_of_stack(&self, run: &StackRun) -> Option<String> {
        let stack = self.context.parts.settings.stack(&run.target);
        let Some(ServedStack { window, .. }) = stack else {
            return Some("the stack is not in the settings any more".to_owned());
        };
        let wait = window.as_ref()?.opens_in(&ZonedDateTime::now());
        let is_open = wait.is_zero();
        let minutes = wait.as_mins() + 1;
        (!is_open).then(|| format!("its window opens in {minutes} min"))
    }

    /// The differences between a stack in the Swarm and its commit at the last look.
    pub(crate) fn drift_of(&self, stack: &str) -> Vec<String> {
        self.drifts.of(stack)
    }

    /// How many polls succeeded, and how many failed.
    pub(crate) fn polls(&self) -> [u64; 2] {
        self.polls.counts()
    }

    /// How often any run was put off since the service started.
    pub(crate) fn retried(&self) -> u64 {
        self.retries.count()
    }

    /// Seconds since the updater last looked for runs to start.
    pub(crate) fn seconds_since_look(&self) -> u64 {
        let looked = self.looked.load(Ordering::Relaxed);
        self.made.elapsed().as_secs().saturating_sub(looked)
    }

    /// Why the Swarm can't be reached, if it can't.
    pub(crate) fn trouble_with_swarm(&self) -> Option<String> {
        self.swarm_check.trouble()
    }

    pub(crate) fn parts(&self) -> &UpdaterParts {
        &self.context.parts
    }

    fn may_start(&self, id: RunId, run: &StackRun) -> bool {
        let is_due = match run.state {
            RunState::Pending => true,
            RunState::Waiting { .. } => {
                let key_file = self.context.key_file(&run.target);
                self.retries.may_be_tried(id, key_file)
            }
            _ => false,
        };
        is_due && self.obstacle_of_stack(run).is_none()
    }
}
