//! Decides whether a service has become what its spec says: a pure function of what was observed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::state::{Breakage, Doing, Progress, State};
use crate::swarm::observed::service::{Mode, ServiceState, TaskPhase, TaskState, UpdatePhase};

/// How many tasks must fail before a service that is not being updated counts as broken. The first ones may fail because
/// another service is not there yet.
const FAILURES: usize = 3;
/// How long to wait after the end of a task for the task that follows it. If none has come by then, none will.
const SUCCESSION: Duration = Duration::from_secs(2);

/// How long to wait after the monitor time for the engine to call an update complete. It never does if a node was lost in the
/// middle of the update.
const COMPLETION: Duration = Duration::from_secs(5);

/// A service, and what was seen of it before.
#[derive(Debug, Clone)]
pub(crate) struct Observed<'a> {
    /// The service now.
    pub service: &'a ServiceState,
    /// How long each task has been seen in its phase; for ever, if it was in that phase before the deployment.
    pub seen_for: &'a BTreeMap<String, Duration>,
    /// Ids of the tasks that were over before the deployment, and say nothing about it.
    pub over_before: &'a BTreeSet<String>,
    /// How long the service has been watched.
    pub watched_for: Duration,
}

/// The state of one service.
pub(crate) fn converged(observed: &Observed<'_>) -> State {
    let service = observed.service;
    let error = || observed.last_error();
    let update = service.update.as_ref();
    let message = || update.map(|update| update.message.clone());
    let waiting = |doing| State::Waiting(observed.progress(doing));
    match update.map(|update| update.phase) {
        Some(UpdatePhase::Updating) => {
            let progress = observed.progress(Doing::Done);
            let lasts = observed.is_settled(progress.wanted, service.monitor + COMPLETION);
            if observed.is_filled(&progress) && lasts {
                return State::Converged(progress);
            }
            return waiting(
                observed
                    .blocking_reason()
                    .map_or(Doing::Updating, Doing::Held),
            );
        }
        Some(UpdatePhase::RollingBack) => return waiting(Doing::RollingBack),
        Some(UpdatePhase::Paused) => {
            let progress = observed.progress(Doing::Done);
            match observed.ended_well(&progress) {
                Some(true) => return State::Converged(progress),
                Some(false) => return waiting(Doing::Settling),
                None => {}
            }
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
    if !observed.is_filled(&progress) {
        return match observed.breakage() {
            Some(breakage) => State::Broken(breakage),
            None => waiting(
                observed
                    .blocking_reason()
                    .map_or(Doing::Starting, Doing::Held),
            ),
        };
    }
    if observed.is_settled(progress.wanted, service.monitor) {
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

    /// True if enough tasks of the current spec run, and none of an older one is to.
    fn is_filled(&self, progress: &Progress) -> bool {
        let mut tasks = self.service.tasks.iter();
        progress.running >= progress.wanted && !tasks.any(|task| task.wanted && !task.current)
    }

    /// The slots of the tasks of the current spec, and of older tasks that are still to run.
    fn slots(&self) -> BTreeSet<&str> {
        let tasks = self.service.tasks.iter();
        // The engine gives up tasks on a node that is gone or drained, and makes new ones elsewhere if it can.
        let ended = |task: &TaskState| task.phase == TaskPhase::Complete || task.phase.is_failure();
        let counted =
            tasks.filter(|task| task.wanted || (task.current && ended(task) && self.counts(task)));
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

    /// True if a task has ended well and its restart policy has none follow.
    fn has_finished(&self, slot: &str) -> bool {
        let succeeded = |task: &TaskState| {
            task.phase == TaskPhase::Complete && self.seen_for(task) >= SUCCESSION
        };
        let last = self.current_in(slot).max_by_key(|task| task.created_at);
        last.is_some_and(succeeded) && !self.current_in(slot).any(|task| task.wanted)
    }

    /// True if a service whose update the engine has paused is as it should be: its tasks have ended with 0, and their restart
    /// policy has none follow. False until that has lasted for some time. None if a task is in another state.
    fn ended_well(&self, progress: &Progress) -> Option<bool> {
        // For a global service, the number of wanted tasks is not known.
        if !matches!(self.service.mode, Mode::Replicated(_)) || self.failures().next().is_some() {
            return None;
        }
        let slots = self.slots();
        let is_ending = |slot: &&str| {
            let ends = self.is_complete(slot) && !self.current_in(slot).any(|task| task.wanted);
            ends || self.runs(slot)
        };
        if !slots.iter().all(is_ending) || (slots.len() as u64) < progress.wanted {
            return None;
        }
        Some(self.is_filled(progress))
    }

    /// True if every task has run for this `time`. If no task is wanted, true if none has appeared in that time.
    fn is_settled(&self, wanted: u64, time: Duration) -> bool {
        match self.service.mode {
            Mode::ReplicatedJob(_) => return true,
            Mode::Global | Mode::GlobalJob if wanted == 0 => return self.watched_for >= time,
            Mode::GlobalJob => return true,
            Mode::Replicated(_) | Mode::Global => {}
        }
        let running = |task: &&TaskState| task.wanted && task.phase == TaskPhase::Running;
        let tasks = self.service.tasks.iter();
        tasks
            .filter(running)
            .all(|task| self.seen_for(task) >= time)
    }

    /// The reason why tasks won't run.
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

    /// The reason why a task does not start, in the engine's words.
    fn blocking_reason(&self) -> Option<String> {
        let tasks = self.service.tasks.iter();
        tasks
            .filter(|task| task.wanted && task.phase == TaskPhase::Starting)
            .find_map(|task| task.error.clone())
    }

    fn last_error(&self) -> Option<String> {
        self.failures().last().map(describe)
    }

    /// Tasks that failed in this deployment, of whatever spec: after a rollback, their spec is no longer the current one.
    fn failures(&self) -> impl Iterator<Item = &TaskState> {
        let tasks = self.service.tasks.iter();
        let mut failures: Vec<&TaskState> = tasks
            .filter(|task| task.phase.is_failure() && self.counts(task))
            .collect();
        failures.sort_by_key(|task| task.created_at);
        failures.into_iter()
    }

    /// True if the task says something about the deployment: it was not over before, or it has ended well.
    fn counts(&self, task: &TaskState) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;
    use crate::swarm::observed::service::Update;

    fn task(id: &str, phase: TaskPhase) -> TaskState {
        TaskState {
            id: id.to_owned(),
            slot: "1".to_owned(),
            phase,
            wanted: !phase.is_over(),
            current: true,
            error: phase.is_failure().then(|| format!("error of {id}")),
            created_at: examples::now(),
        }
    }

    fn service(mode: Mode, tasks: impl IntoIterator<Item = TaskState>) -> ServiceState {
        ServiceState {
            name: "web_app".to_owned(),
            version: 1,
            mode,
            update: None,
            monitor: Duration::from_secs(5),
            tasks: tasks.into_iter().collect(),
        }
    }

    /// The state of a service that has not changed for this many seconds.
    fn after(seconds: u64, service: &ServiceState) -> State {
        let seen = Duration::from_secs(seconds);
        converged(&Observed {
            service,
            seen_for: &service
                .tasks
                .iter()
                .map(|task| (task.id.clone(), seen))
                .collect(),
            over_before: &BTreeSet::from(["old".to_owned()]),
            watched_for: seen,
        })
    }

    fn waits(state: &State) -> &Doing {
        match state {
            State::Waiting(progress) => &progress.doing,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tasks_must_run_for_the_monitor_time() {
        let service = service(Mode::Replicated(1), [task("a", TaskPhase::Running)]);
        assert_eq!(waits(&after(4, &service)), &Doing::Settling);
        assert!(matches!(after(5, &service), State::Converged(_)));
    }

    #[test]
    fn a_missing_replica_and_a_task_of_an_older_spec_are_waited_for() {
        let mut service = service(Mode::Replicated(2), [task("a", TaskPhase::Running)]);
        assert_eq!(waits(&after(60, &service)), &Doing::Starting);
        service.mode = Mode::Replicated(1);
        let mut older = task("b", TaskPhase::Running);
        older.current = false;
        service.tasks.push(older);
        assert_eq!(waits(&after(60, &service)), &Doing::Starting);
        service.tasks[1].wanted = false;
        assert!(matches!(after(60, &service), State::Converged(_)));
    }

    #[test]
    fn the_engine_s_word_on_an_update_counts() {
        let mut service = service(
            Mode::Replicated(1),
            [task("a", TaskPhase::Running), task("b", TaskPhase::Failed)],
        );
        service.tasks[1].current = false;
        let mut at = |phase| {
            let message = "update paused".to_owned();
            service.update = Some(Update { phase, message });
            after(60, &service)
        };
        assert_eq!(waits(&at(UpdatePhase::RollingBack)), &Doing::RollingBack);
        assert!(matches!(at(UpdatePhase::Completed), State::Converged(_)));
        let error = Some("error of b".to_owned());
        let message = "update paused".to_owned();
        let paused = Breakage::UpdatePaused {
            message: message.clone(),
            error: error.clone(),
        };
        assert_eq!(at(UpdatePhase::Paused), State::Broken(paused));
        let back = Breakage::RolledBack {
            error: error.clone(),
        };
        assert_eq!(at(UpdatePhase::RolledBack), State::Broken(back));
        let stuck = Breakage::RollbackPaused { message, error };
        assert_eq!(at(UpdatePhase::RollbackPaused), State::Broken(stuck));
    }

    #[test]
    fn an_update_paused_by_tasks_that_ended_well_is_done() {
        let mut service = service(Mode::Replicated(1), [task("a", TaskPhase::Complete)]);
        service.update = Some(Update {
            phase: UpdatePhase::Paused,
            message: "update paused due to failure or early termination of task a".to_owned(),
        });
        assert_eq!(waits(&after(1, &service)), &Doing::Settling);
        assert!(matches!(after(2, &service), State::Converged(_)));
        // One more replica was not updated, since the engine has stopped.
        service.mode = Mode::Replicated(2);
        assert!(matches!(after(60, &service), State::Broken(_)));
        service.mode = Mode::Replicated(1);
        let failed = task("b", TaskPhase::Failed);
        service.tasks.push(failed);
        assert!(matches!(after(60, &service), State::Broken(_)));
        service.tasks.pop();
        service.mode = Mode::Global;
        assert!(matches!(after(60, &service), State::Broken(_)));
    }

    #[test]
    fn an_update_that_the_engine_never_completes_is_done_when_its_tasks_last() {
        let mut tasks = [
            task("a", TaskPhase::Running),
            task("b", TaskPhase::Starting),
        ];
        tasks[1].slot = "node-2".to_owned();
        // The engine waits for what it started on a node that is lost, and that is not wanted any more.
        tasks[1].wanted = false;
        let mut service = service(Mode::Global, tasks);
        service.update = Some(Update {
            phase: UpdatePhase::Updating,
            message: "update in progress".to_owned(),
        });
        assert_eq!(waits(&after(9, &service)), &Doing::Updating);
        assert!(matches!(after(10, &service), State::Converged(_)));
        let mut older = task("c", TaskPhase::Running);
        older.current = false;
        service.tasks.push(older);
        assert_eq!(waits(&after(600, &service)), &Doing::Updating);
    }

    #[test]
    fn a_rejected_task_is_enough_and_a_failed_one_is_not() {
        let starting = || task("z", TaskPhase::Starting);
        let with = |tasks: Vec<TaskState>| after(1, &service(Mode::Replicated(1), tasks));
        let rejected = with(vec![task("a", TaskPhase::Rejected), starting()]);
        let error = "error of a".to_owned();
        assert_eq!(rejected, State::Broken(Breakage::CannotStart { error }));
        let failed = |ids: &[&str]| {
            let tasks = ids.iter().map(|id| task(id, TaskPhase::Failed));
            with(tasks.chain([starting()]).collect())
        };
        assert_eq!(waits(&failed(&["a", "b"])), &Doing::Starting);
        let error = "error of c".to_owned();
        let broken = State::Broken(Breakage::KeepsFailing { error });
        assert_eq!(failed(&["a", "b", "c"]), broken);
        // A task that failed before the deployment says nothing about it.
        assert_eq!(waits(&failed(&["a", "b", "old"])), &Doing::Starting);
    }

    #[test]
    fn a_task_that_nothing_follows_decides() {
        let ended = |phase| service(Mode::Replicated(1), [task("a", phase)]);
        let failed = ended(TaskPhase::Failed);
        assert_eq!(waits(&after(1, &failed)), &Doing::Starting);
        assert!(matches!(
            after(3, &failed),
            State::Broken(Breakage::KeepsFailing { .. })
        ));
        let finished = ended(TaskPhase::Complete);
        assert_eq!(waits(&after(1, &finished)), &Doing::Starting);
        assert!(matches!(after(3, &finished), State::Converged(_)));
    }

    #[test]
    fn what_holds_a_task_is_told() {
        let mut pending = task("a", TaskPhase::Starting);
        pending.error = Some("no suitable node".to_owned());
        let state = after(600, &service(Mode::Replicated(1), [pending]));
        assert_eq!(waits(&state), &Doing::Held("no suitable node".to_owned()));
    }

    #[test]
    fn global_services_want_what_the_engine_has_made() {
        let mut tasks = [
            task("a", TaskPhase::Running),
            task("b", TaskPhase::Starting),
        ];
        tasks[1].slot = "node-2".to_owned();
        let half = after(60, &service(Mode::Global, tasks.clone()));
        assert_eq!(waits(&half), &Doing::Starting);
        tasks[1].phase = TaskPhase::Running;
        assert!(matches!(
            after(60, &service(Mode::Global, tasks.clone())),
            State::Converged(_)
        ));
        // One node is lost: its task hangs there, and is not wanted any more.
        let mut lost = tasks;
        for phase in [TaskPhase::Starting, TaskPhase::Running, TaskPhase::Over] {
            (lost[1].phase, lost[1].wanted) = (phase, false);
            let rest = after(60, &service(Mode::Global, lost.clone()));
            assert!(matches!(rest, State::Converged(_)), "{phase:?}: {rest:?}");
        }
        // No node fits, or the engine has not made them yet.
        let none = service(Mode::Global, []);
        assert_eq!(waits(&after(1, &none)), &Doing::Settling);
        assert!(matches!(after(5, &none), State::Converged(_)));
    }

    #[test]
    fn jobs_are_done_when_their_tasks_have_ended_well() {
        let mut tasks = [
            task("a", TaskPhase::Complete),
            task("b", TaskPhase::Running),
        ];
        tasks[1].slot = "2".to_owned();
        let half = after(60, &service(Mode::ReplicatedJob(2), tasks.clone()));
        assert_eq!(waits(&half), &Doing::Starting);
        tasks[1].phase = TaskPhase::Complete;
        let job = service(Mode::ReplicatedJob(2), tasks.clone());
        assert!(matches!(after(0, &job), State::Converged(_)));
        let job = service(Mode::GlobalJob, tasks);
        assert!(matches!(after(0, &job), State::Converged(_)));
    }

    #[test]
    fn nothing_wanted_is_nothing_to_wait_for() {
        let none = service(Mode::Replicated(0), []);
        assert!(matches!(after(0, &none), State::Converged(_)));
    }
}
