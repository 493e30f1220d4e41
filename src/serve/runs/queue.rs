//! The runs and their order, computed from the journal's entries alone, so that a restart restores them.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::entry::{Cause, JournalEntry, RunEvent, RunId, RunResult};
use super::known_runs::KnownRuns;
use super::run::{RunState, StackRun};

/// How many ended runs of each stack are kept.
const KEPT: usize = 100;

/// The known runs, and what is needed to accept and to start runs.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Queue {
    runs: KnownRuns,
    /// The last run of each pair of delivery and stack.
    deliveries: HashMap<(String, String), RunId>,
    /// How many runs ended, by stack and result.
    ended: BTreeMap<(String, RunResult), EndedRuns>,
}

/// Number and duration of runs that ended.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct EndedRuns {
    pub count: u64,
    /// Total duration of these runs in seconds.
    pub seconds: f64,
}

/// A request for a run.
#[derive(Debug, Clone)]
pub(crate) struct RunRequest {
    pub target: String,
    pub commit: Option<String>,
    pub delivery: Option<String>,
    pub because: Cause,
}

impl Queue {
    /// Computes the queue from the journal's entries. A run that was under way when the service ended is pending again.
    pub(crate) fn restored(entries: impl IntoIterator<Item: Borrow<JournalEntry>>) -> Self {
        let mut queue = Self::default();
        for entry in entries {
            queue.note(entry.borrow());
        }
        for run in queue.runs.by_id.values_mut() {
            if run.state == RunState::Running {
                run.state = RunState::Pending;
            }
        }
        queue
    }

    /// The known runs.
    pub(crate) fn runs(&self) -> &KnownRuns {
        &self.runs
    }

    /// How many runs of each stack ended with each result, and how long they took.
    pub(crate) fn ended(&self) -> impl Iterator<Item = (&str, RunResult, EndedRuns)> {
        let ended = self.ended.iter();
        ended.map(|((target, result), ended)| (target.as_str(), *result, *ended))
    }

    /// The run for a request: a new one with its entry, or an existing one without.
    /// A repeated delivery gets its earlier run, unless that has failed: then a person has probably pressed the forge's
    /// button for sending it again. A request of the service itself does not replace a run that a person has asked for.
    pub(crate) fn accept(
        &self,
        request: RunRequest,
        at: Timestamp,
    ) -> (RunId, Option<JournalEntry>) {
        let delivery = request.delivery.clone();
        let key = delivery.map(|delivery| (delivery, request.target.clone()));
        let before = key.and_then(|key| self.deliveries.get(&key));
        if let Some(before) = before.filter(|run| !self.has_failed(**run)) {
            return (*before, None);
        }
        if let Some(before) = self.preferred_to(&request) {
            return (before, None);
        }
        // This can't overflow: the numbers in a file are limited.
        let run = RunId(
            self.runs
                .by_id
                .last_key_value()
                .map_or(1, |(last, _)| last.0 + 1),
        );
        let entry = JournalEntry {
            run,
            at,
            event: RunEvent::Accepted {
                target: request.target,
                commit: request.commit,
                delivery: request.delivery,
                because: request.because,
            },
        };
        (run, Some(entry))
    }

    /// The existing run that a run for this request must not overtake; `None` if there is none.
    fn preferred_to(&self, request: &RunRequest) -> Option<RunId> {
        let is_kept = |run: &StackRun| match (&run.state, request.because) {
            // A refused poll is repeated. A start is not: its run waits until the current one has ended.
            (RunState::Running, Cause::Poll | Cause::Drift) => {
                !request.because.takes_over(run.because)
            }
            _ => run.is_open() && !request.because.takes_over(run.because),
        };
        let mut of_target = self.runs.runs_of(&request.target);
        let (kept, _) = of_target.find(|(_, run)| is_kept(run))?;
        Some(kept)
    }

    /// Applies an entry to the queue.
    pub(crate) fn note(&mut self, entry: &JournalEntry) {
        let JournalEntry { run, at, event } = entry;
        if let RunEvent::Accepted {
            target,
            commit,
            delivery,
            because,
        } = event
        {
            let new = StackRun {
                target: target.clone(),
                commit: commit.clone(),
                because: *because,
                accepted: *at,
                state: RunState::Pending,
                since: *at,
                waits_since: None,
                is_given_up: false,
                log_lines: Vec::new(),
            };
            self.runs.by_id.insert(*run, new);
            let key = |delivery| (delivery, target.clone());
            self.deliveries
                .extend(delivery.clone().map(|delivery| (key(delivery), *run)));
            return;
        }
        let Some(known) = self.runs.by_id.get_mut(run) else {
            return;
        };
        let took = at.duration_since(known.since).as_secs_f64();
        known.since = *at;
        known.state = match event {
            RunEvent::Accepted { .. } => RunState::Pending,
            RunEvent::Started => RunState::Running,
            RunEvent::Waits { reason } => {
                known.waits_since.get_or_insert(*at);
                let reason = reason.clone();
                RunState::Waiting { reason }
            }
            RunEvent::Overtaken { by } => RunState::Overtaken { by: *by },
            RunEvent::Ended {
                result,
                commit,
                is_given_up,
                log_lines,
            } => {
                let is_held_back = *result == RunResult::NothingToDo && commit.is_none();
                let requested = known.commit.take().filter(|_| !is_held_back);
                known.commit = commit.clone().or(requested);
                known.is_given_up = *is_given_up;
                known.log_lines = log_lines.clone();
                let key = (known.target.clone(), *result);
                let ended = self.ended.entry(key).or_default();
                ended.count += 1;
                ended.seconds += took.max(0.0);
                RunState::Ended(*result)
            }
        };
        if known.is_over() {
            let target = known.target.clone();
            self.forget_old(&target);
        }
    }

    /// Removes a run from the queue.
    pub(super) fn forget(&mut self, run: RunId) {
        self.runs.by_id.remove(&run);
        self.deliveries.retain(|_, known| *known != run);
    }

    fn forget_old(&mut self, target: &str) {
        // However often the service starts, a commit that was gone back from does not come again.
        let (before, back) = self.runs.rollback_in_force(target).unzip();
        let is_needed = |id: RunId| Some(id) == before || Some(id) == back;
        let over = self
            .runs
            .by_id
            .iter()
            .filter(|(id, run)| run.target == target && run.is_over() && !is_needed(**id));
        let over: Vec<RunId> = over.map(|(id, _)| *id).collect();
        for old in over.iter().take(over.len().saturating_sub(KEPT)) {
            self.forget(*old);
        }
    }

    /// The entries that start the next runs. For each stack with no run under way, the newest open run that may take over the
    /// earlier ones overtakes them, and starts if it `may_start`. At most `at_once` runs are under way; the stack that has
    /// waited longest comes first.
    pub(crate) fn next(
        &self,
        at: Timestamp,
        at_once: usize,
        may_start: &dyn Fn(RunId, &StackRun) -> bool,
    ) -> Vec<JournalEntry> {
        let mut of_targets: BTreeMap<&str, Vec<(RunId, &StackRun)>> = BTreeMap::new();
        for (id, run) in &self.runs.by_id {
            let of_target = of_targets.entry(&run.target).or_default();
            of_target.push((*id, run));
        }
        let (mut entries, mut candidates) = (Vec::new(), Vec::new());
        for runs in of_targets.into_values() {
            if runs.iter().any(|(_, run)| run.state == RunState::Running) {
                continue;
            }
            let open = runs.into_iter().filter(|(_, run)| run.is_open());
            let open: Vec<(RunId, &StackRun)> = open.collect();
            // A run that may not take over the work of all those before it comes after them.
            let takes_over_all = |&(id, run): &(RunId, &StackRun)| {
                let mut before = open.iter().take_while(|(before, _)| *before < id);
                before.all(|(_, before)| run.because.takes_over(before.because))
            };
            let Some((newest, run)) = open.iter().rev().copied().find(takes_over_all) else {
                continue;
            };
            let mut oldest = newest;
            let before = open.into_iter().map(|(before, _)| before);
            for before in before.filter(|before| *before < newest) {
                oldest = oldest.min(before);
                entries.push(JournalEntry {
                    run: before,
                    at,
                    event: RunEvent::Overtaken { by: newest },
                });
            }
            if may_start(newest, run) {
                candidates.push((oldest, newest));
            }
        }
        candidates.sort_unstable();
        let free = at_once.saturating_sub(self.runs.running());
        let started = candidates.into_iter().take(free);
        entries.extend(started.map(|(_, run)| JournalEntry {
            run,
            at,
            event: RunEvent::Started,
        }));
        entries
    }

    /// True if a run, or the run that overtook it, has failed or was forgotten.
    fn has_failed(&self, run: RunId) -> bool {
        match self.runs.successor(run).map(|(_, run)| &run.state) {
            Some(RunState::Ended(result)) => !result.is_good(),
            Some(_) => false,
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn request(target: &str, delivery: Option<&str>) -> RunRequest {
        RunRequest {
            target: target.to_owned(),
            commit: None,
            delivery: delivery.map(str::to_owned),
            because: Cause::Push,
        }
    }

    /// More runs at once than the tests have.
    const MANY: usize = 100;

    fn is_pending(_: RunId, run: &StackRun) -> bool {
        run.state == RunState::Pending
    }

    /// A queue with what would be written down.
    #[derive(Default)]
    struct Written {
        queue: Queue,
        entries: Vec<JournalEntry>,
    }

    impl Written {
        fn accepts(&mut self, request: RunRequest) -> RunId {
            let (run, entry) = self.queue.accept(request, at(0));
            self.notes(entry);
            run
        }

        fn goes_on(&mut self) {
            let next = self.queue.next(at(1), MANY, &is_pending);
            self.notes(next);
        }

        /// The run has tried the commit that it was asked for, or some commit.
        fn ends(&mut self, run: RunId, result: RunResult) {
            let requested = self.queue.runs.run(run).and_then(|run| run.commit.clone());
            self.ends_at(run, result, requested.or(Some("some".to_owned())));
        }

        fn ends_at(&mut self, run: RunId, result: RunResult, commit: Option<String>) {
            self.notes([JournalEntry {
                run,
                at: at(2),
                event: RunEvent::Ended {
                    result,
                    commit,
                    is_given_up: false,
                    log_lines: Vec::new(),
                },
            }]);
        }

        fn notes(&mut self, entries: impl IntoIterator<Item = JournalEntry>) {
            for entry in entries {
                self.queue.note(&entry);
                self.entries.push(entry);
            }
        }

        fn state(&self, run: RunId) -> &RunState {
            &self.queue.runs.run(run).expect("it is known").state
        }
    }

    #[test]
    fn ten_pushes_at_once_are_one_run_of_the_newest() {
        let mut written = Written::default();
        let runs: Vec<RunId> = (0..10)
            .map(|_| written.accepts(request("web", None)))
            .collect();
        written.goes_on();
        let (newest, before) = runs.split_last().expect("ten");
        assert_eq!(*written.state(*newest), RunState::Running);
        for run in before {
            assert_eq!(*written.state(*run), RunState::Overtaken { by: *newest });
        }
        // A run that comes meanwhile waits for its end, and runs on another target do not.
        let later = written.accepts(request("web", None));
        let other = written.accepts(request("mail", None));
        written.goes_on();
        assert_eq!(*written.state(later), RunState::Pending);
        assert_eq!(*written.state(other), RunState::Running);
        written.ends(*newest, RunResult::Deployed);
        written.goes_on();
        assert_eq!(*written.state(later), RunState::Running);
        assert_eq!(written.queue.next(at(3), MANY, &is_pending), []);
    }

    #[test]
    fn as_many_as_may_be_are_under_way_and_whoever_waits_longest_is_next() {
        let mut written = Written::default();
        let first = written.accepts(request("web", None));
        let second = written.accepts(request("mail", None));
        let third = written.accepts(request("dns", None));
        // Another push is no reason to wait longer.
        let newest = written.accepts(request("web", None));
        let started = |written: &mut Written, at_once| {
            let next = written.queue.next(at(1), at_once, &is_pending);
            written.notes(next.clone());
            let started = next.iter();
            let started = started.filter(|entry| entry.event == RunEvent::Started);
            started.map(|entry| entry.run).collect::<Vec<_>>()
        };
        assert_eq!(started(&mut written, 2), [newest, second]);
        assert_eq!(*written.state(first), RunState::Overtaken { by: newest });
        assert_eq!(started(&mut written, 2), []);
        written.ends(second, RunResult::Failed);
        assert_eq!(started(&mut written, 2), [third]);
        assert_eq!(written.queue.runs.running(), 2);
    }

    #[test]
    fn what_a_person_asks_for_is_not_lost_to_what_the_service_wishes_by_itself() {
        let of = |because| RunRequest {
            because,
            ..request("web", None)
        };
        let mut written = Written::default();
        let back = written.accepts(of(Cause::Rollback));
        for because in [Cause::Start, Cause::Poll, Cause::Drift] {
            assert_eq!(written.accepts(of(because)), back);
        }
        written.goes_on();
        for because in [Cause::Poll, Cause::Drift] {
            assert_eq!(written.accepts(of(because)), back, "it runs");
        }
        // It comes after a rollback that is cut short.
        let start = written.accepts(of(Cause::Start));
        assert!(start > back);
        written.queue = Queue::restored(written.entries.clone());
        written.goes_on();
        assert_eq!(*written.state(back), RunState::Running);
        assert_eq!(*written.state(start), RunState::Pending);
        let push = written.accepts(of(Cause::Push));
        written.ends(back, RunResult::Deployed);
        for because in [Cause::Start, Cause::Drift] {
            assert_eq!(written.accepts(of(because)), push);
        }
        written.goes_on();
        assert_eq!(*written.state(start), RunState::Overtaken { by: push });
        assert_eq!(written.accepts(of(Cause::Drift)), push, "it runs");
        // The end of the service cuts it short. The start of the next one does not do its work.
        written.queue = Queue::restored(written.entries.clone());
        assert_eq!(written.accepts(of(Cause::Start)), push);
        written.goes_on();
        assert_eq!(*written.state(push), RunState::Running);
        let poll = written.accepts(of(Cause::Poll));
        assert!(poll > push);
        written.goes_on();
        written.ends(push, RunResult::Deployed);
        written.goes_on();
        written.ends(poll, RunResult::NothingToDo);
        assert!(written.accepts(of(Cause::Drift)) > poll);
    }

    #[test]
    fn failed_attempts_count_until_another_commit_or_a_success() {
        let mut written = Written::default();
        let mut ends = |commit: &str, result, is_given_up| {
            let run = written.accepts(request("web", None));
            written.goes_on();
            written.notes([JournalEntry {
                run,
                at: at(i64::try_from(run.0).expect("small")),
                event: RunEvent::Ended {
                    result,
                    commit: Some(commit.to_owned()),
                    is_given_up,
                    log_lines: Vec::new(),
                },
            }]);
            let failed = written.queue.runs.failed_attempts("web", "a");
            (
                failed.count,
                failed.is_given_up,
                failed.last.map(Timestamp::as_second),
            )
        };
        assert_eq!(ends("b", RunResult::Failed, true), (0, false, None));
        assert_eq!(ends("a", RunResult::TimedOut, false), (1, false, Some(2)));
        assert_eq!(ends("a", RunResult::Failed, true), (2, true, Some(3)));
        assert_eq!(ends("a", RunResult::Failed, false), (3, true, Some(4)));
        assert_eq!(ends("a", RunResult::Deployed, false), (0, false, None));
        assert_eq!(ends("a", RunResult::Failed, false), (1, false, Some(6)));
        assert_eq!(ends("b", RunResult::Failed, false), (0, false, None));
    }

    #[test]
    fn a_delivery_that_is_sent_again_is_the_same_run_unless_that_failed() {
        let mut written = Written::default();
        let first = written.accepts(request("web", Some("d1")));
        assert_eq!(written.accepts(request("web", Some("d1"))), first);
        let second = written.accepts(request("web", Some("d2")));
        written.goes_on();
        assert_eq!(
            written.accepts(request("web", Some("d1"))),
            first,
            "it was overtaken"
        );
        written.ends(second, RunResult::Failed);
        let again = written.accepts(request("web", Some("d1")));
        assert!(again > second, "the one that took over has failed");
        written.goes_on();
        written.ends(again, RunResult::NothingToDo);
        assert_eq!(written.accepts(request("web", Some("d1"))), again);
    }

    #[test]
    fn one_delivery_may_be_for_several_targets_and_old_runs_are_forgotten() {
        let mut written = Written::default();
        let web = written.accepts(request("web", Some("d1")));
        let mail = written.accepts(request("mail", Some("d1")));
        assert_ne!(web, mail);
        assert_eq!(written.accepts(request("mail", Some("d1"))), mail);
        for _ in 0..KEPT + 5 {
            let run = written.accepts(request("dns", None));
            written.goes_on();
            written.ends(run, RunResult::NothingToDo);
        }
        let dns = written.queue.runs.newest_first();
        assert_eq!(dns.filter(|(_, run)| run.target == "dns").count(), KEPT);
        let counted = written.queue.ended().find(|(target, ..)| *target == "dns");
        let (_, result, ended) = counted.expect("some have ended");
        assert_eq!(
            (result, ended.count),
            (RunResult::NothingToDo, KEPT as u64 + 5)
        );
        assert!(written.queue.runs.run(web).is_some());
    }

    #[test]
    fn a_commit_that_was_gone_back_from_does_not_come_again_by_itself() {
        let mut written = Written::default();
        let mut ends = |commit: &str, because, result| {
            let run = written.accepts(RunRequest {
                commit: Some(commit.to_owned()),
                because,
                ..request("web", None)
            });
            written.goes_on();
            written.ends(run, result);
            let queue = &written.queue;
            let held = queue.runs.held_back("web").map(str::to_owned);
            (held, queue.runs.commit_before("web"))
        };
        let some = |commit: &str| Some(commit.to_owned());
        let (push, back) = (Cause::Push, Cause::Rollback);
        assert_eq!(ends("a", push, RunResult::Deployed), (None, None));
        assert_eq!(ends("b", push, RunResult::Deployed), (None, some("a")));
        assert_eq!(ends("c", push, RunResult::NothingToDo), (None, some("a")));
        assert_eq!(ends("d", push, RunResult::Failed), (None, some("c")));
        assert_eq!(ends("c", back, RunResult::Deployed).0, some("d"));
        assert_eq!(ends("c", Cause::Drift, RunResult::Deployed).0, some("d"));
        assert_eq!(ends("e", push, RunResult::Deployed).0, None);
    }

    #[test]
    fn a_second_rollback_holds_and_one_forward_does_not() {
        let mut written = Written::default();
        let mut ends = |requested_commit: Option<&str>, because, commit: Option<&str>| {
            let run = written.accepts(RunRequest {
                commit: requested_commit.map(str::to_owned),
                because,
                ..request("web", None)
            });
            written.goes_on();
            let result = match commit {
                Some(_) => RunResult::Deployed,
                None => RunResult::NothingToDo,
            };
            written.ends_at(run, result, commit.map(str::to_owned));
            let queue = &written.queue;
            let good = queue.runs.last_successful_of("web");
            let good = good.and_then(|run| run.commit.clone());
            (queue.runs.held_back("web").map(str::to_owned), good)
        };
        let held = |at: &str| (Some("c".to_owned()), Some(at.to_owned()));
        for commit in ["a", "b", "c"] {
            ends(Some(commit), Cause::Push, Some(commit));
        }
        assert_eq!(ends(Some("b"), Cause::Rollback, Some("b")), held("b"));
        assert_eq!(ends(None, Cause::Start, None), held("b"));
        assert_eq!(ends(Some("b"), Cause::Drift, Some("b")), held("b"));
        // A poll that an earlier service has accepted meanwhile.
        assert_eq!(ends(Some("c"), Cause::Poll, None), held("b"));
        assert_eq!(ends(Some("a"), Cause::Rollback, Some("a")), held("a"));
        assert_eq!(ends(Some("c"), Cause::Poll, None), held("a"));
        for _ in 0..2 * KEPT {
            ends(None, Cause::Start, None);
        }
        assert_eq!(ends(None, Cause::Start, None), held("a"));
        assert_eq!(ends(Some("c"), Cause::Rollback, Some("c")).0, None);
    }

    #[test]
    fn a_run_that_was_under_way_when_the_service_ended_is_done_again() {
        let mut written = Written::default();
        let run = written.accepts(request("web", None));
        written.goes_on();
        let queue = Queue::restored(written.entries.clone());
        assert_eq!(queue.runs.run(run).expect("known").state, RunState::Pending);
        assert!(matches!(
            queue.next(at(5), MANY, &is_pending)[..],
            [JournalEntry {
                event: RunEvent::Started,
                ..
            }]
        ));
    }

    #[test]
    fn one_that_waits_is_overtaken_and_starts_only_when_it_is_asked_for_again() {
        let mut written = Written::default();
        let first = written.accepts(request("web", None));
        written.goes_on();
        written.notes([JournalEntry {
            run: first,
            at: at(2),
            event: RunEvent::Waits {
                reason: "the key was rotated".to_owned(),
            },
        }]);
        assert_eq!(written.queue.next(at(3), MANY, &is_pending), []);
        let second = written.accepts(request("web", None));
        written.goes_on();
        assert_eq!(*written.state(first), RunState::Overtaken { by: second });
        assert_eq!(*written.state(second), RunState::Running);
    }

    proptest! {
        /// Causes in any order, and the service killed at any time: no push, request or rollback is replaced by the service's own
        /// start, no rollback by a poll, and nothing stays open.
        #[test]
        fn no_request_is_replaced_by_a_run_of_the_services_own(steps in prop::collection::vec((0..5u8, 0..6usize), 0..60)) {
            use Cause::{Drift, Person, Poll, Push, Rollback, Start};
            let causes = [Push, Person, Poll, Start, Rollback, Drift];
            let mut written = Written::default();
            let finish_one = |written: &mut Written| {
                let mut runs = written.queue.runs.newest_first();
                let running = runs.find(|(_, run)| run.state == RunState::Running);
                let running = running.map(|(id, _)| id);
                drop(runs);
                running.map(|run| written.ends(run, RunResult::Failed)).is_some()
            };
            for (step, cause) in steps {
                match step {
                    0 | 1 => {
                        let because = causes[cause];
                        written.accepts(RunRequest { because, ..request("web", None) });
                    }
                    2 => written.goes_on(),
                    3 => {
                        finish_one(&mut written);
                    }
                    _ => written.queue = Queue::restored(written.entries.clone()),
                }
            }
            written.goes_on();
            while finish_one(&mut written) {
                written.goes_on();
            }
            for (id, run) in written.queue.runs.newest_first() {
                prop_assert!(run.is_over(), "{id}");
                if let RunState::Overtaken { by } = run.state {
                    let by = written.queue.runs.run(by).expect("known").because;
                    let is_own = matches!(by, Start | Drift) && matches!(run.because, Push | Person | Rollback);
                    prop_assert!(!is_own && (by, run.because) != (Poll, Rollback), "{id}");
                }
            }
        }

        /// Whatever comes and whenever the service is killed: at most one run a target is under way, and in the end the newest
        /// one of each target was run.
        #[test]
        fn nothing_that_was_accepted_is_lost(steps in prop::collection::vec((0..5u8, 0..3usize), 0..60)) {
            let targets = ["web", "mail", "dns"];
            let mut written = Written::default();
            let mut newest: HashMap<&str, RunId> = HashMap::new();
            let finish_one = |written: &mut Written, result| {
                let running = written.queue.runs.newest_first();
                let mut running = running.filter(|(_, run)| run.state == RunState::Running);
                let first = running.next().map(|(id, _)| id);
                drop(running);
                if let Some(run) = first {
                    written.ends(run, result);
                }
                first.is_some()
            };
            for (step, which) in steps {
                match step {
                    0 | 1 => {
                        let run = written.accepts(request(targets[which], None));
                        newest.insert(targets[which], run);
                    }
                    2 => written.goes_on(),
                    3 => {
                        finish_one(&mut written, RunResult::Failed);
                    }
                    _ => written.queue = Queue::restored(written.entries.clone()),
                }
                for target in targets {
                    let running = written.queue.runs.newest_first().filter(|(_, run)| {
                        run.target == target && run.state == RunState::Running
                    });
                    prop_assert!(running.count() <= 1);
                }
            }
            loop {
                written.goes_on();
                if !finish_one(&mut written, RunResult::Deployed) {
                    break;
                }
            }
            for run in newest.into_values() {
                prop_assert!(matches!(written.state(run), RunState::Ended(_)), "{run}");
            }
        }
    }
}
