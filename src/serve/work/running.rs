//! One run from its start to its end.

use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

use super::attempts::Attempts;
use super::commit_deployment::CommitDeployment;
use super::context::WorkContext;
use super::panic::without_panic;
use super::retries::{KeyStamp, Retries};
use super::run_error::RunError;
use super::run_log::{MAXIMUM_LENGTH, RunLog, beginning};
use crate::repository::Repository;
use crate::serve::log::LogLevel;
use crate::serve::runs::{Cause, RunEvent, RunId, RunResult, StackRun};

/// How often a run is put off because the pushed commit is not on the remote yet. Together the waits take about three
/// minutes.
const ATTEMPTS_FOR_PUSH: u32 = 8;

/// Does runs and decides how they end.
pub(super) struct Runner<'a> {
    pub context: &'a WorkContext,
    pub retries: &'a Retries,
    pub attempts: &'a Attempts,
}

impl Runner<'_> {
    /// Does a run that was accepted before `now`, and notes how it ended. If the service ends during the run, nothing
    /// is noted, and the run is repeated after the next start.
    pub(super) fn run(&self, id: RunId, run: &StackRun, now: Instant) {
        let is_stopped = || self.context.is_stopped();
        let run_log = RunLog {
            stack: &run.target,
            run: id,
            log: &*self.context.parts.log,
            is_stopped: &is_stopped,
            lines: RefCell::default(),
        };
        let mut commit = None;
        let key_file = self.context.key_file(&run.target);
        let key = key_file.map(|path| (path, self.retries.stamp_of(path)));
        let deployed = without_panic(|| self.deploy(run, now, &run_log, &mut commit));
        let event = match deployed {
            Ok(Err(_)) if is_stopped() => return,
            Ok(Err(error)) if error.may_pass() => {
                let wait = self.retries.postpone(id);
                let reason: String = error.to_string().chars().take(MAXIMUM_LENGTH).collect();
                let seconds = wait.as_secs_f64();
                let text = format!("{reason}; trying again in {seconds:.1} s");
                run_log.log(LogLevel::Warning, &text);
                RunEvent::Waits { reason }
            }
            ended => {
                // A run for one given commit does not wait: a new key is unlikely to open an earlier commit.
                let key = key.filter(|_| !is_fixed(run));
                if let (Ok(Err(error)), Some(commit), Some((key_file, stamp))) =
                    (&ended, &commit, key)
                    && let Some(path) = error.unopened_file()
                {
                    let waiting = WaitingForKey {
                        error,
                        path,
                        commit,
                        key_file,
                        stamp,
                    };
                    let event = self.wait_for_key(id, &run_log, &waiting);
                    return self.context.note(id, event);
                }
                self.retries.forget(id);
                self.attempts.forget(&run.target);
                let result = match &ended {
                    Ok(Ok(true)) => RunResult::Deployed,
                    Ok(Ok(false)) => RunResult::NothingToDo,
                    Ok(Err(error)) if error.is_timeout() => RunResult::TimedOut,
                    Ok(Err(_)) | Err(_) => RunResult::Failed,
                };
                match &ended {
                    Ok(Err(error)) => run_log.log(LogLevel::Error, &error.to_string()),
                    Err(panic) => run_log.log(LogLevel::Error, panic),
                    Ok(Ok(_)) => {}
                }
                let at = commit.as_deref().map_or("no commit", beginning);
                run_log.info(&format!("{} ({at})", result.word()));
                let is_given_up = matches!(&ended, Ok(Err(error)) if error.is_of_given_up());
                RunEvent::Ended {
                    result,
                    commit,
                    is_given_up,
                    log_lines: run_log.lines.take(),
                }
            }
        };
        self.context.note(id, event);
    }

    fn deploy(
        &self,
        run: &StackRun,
        now: Instant,
        run_log: &RunLog<'_>,
        commit: &mut Option<String>,
    ) -> Result<bool, RunError> {
        let context = self.context;
        let Some(stack) = context.parts.settings.stack(&run.target) else {
            return Ok(false);
        };
        let clone = context.clone_of(stack);
        let is_stopped = || context.is_stopped();
        let fixed = run.commit.as_ref().filter(|_| is_fixed(run));
        // A run for one given commit does not need the remote if the clone has that commit.
        let newest = match fixed {
            Some(commit) if clone.is_there() => commit.clone(),
            _ => clone.fetch(now, &is_stopped)?,
        };
        let repository = Repository::open(clone.directory())?;
        let wanted = match fixed {
            Some(commit) => repository.commit(commit)?.to_string(),
            None => newest,
        };
        let missing = self.missing_push(run, &wanted, &repository, run_log)?;
        let is_by_itself = matches!(run.because, Cause::Start | Cause::Poll);
        let (held_back, is_given_up) = context.parts.book.read(|queue| {
            let held_back = queue.runs().held_back(&run.target);
            let failed = queue.runs().failed_attempts(&run.target, &wanted);
            (
                held_back.is_some_and(|commit| commit == wanted),
                failed.is_given_up,
            )
        });
        if is_by_itself && held_back {
            let commit = beginning(&wanted);
            run_log.info(&format!(
                "somebody has gone back from {commit}: it waits for a push"
            ));
            return Ok(false);
        }
        let mut deployment =
            CommitDeployment::of(context, self.attempts, &repository, stack, &wanted);
        deployment.always = run.because == Cause::Drift;
        deployment.force = run.because == Cause::Rollback;
        deployment.is_given_up = is_by_itself && is_given_up;
        *commit = Some(wanted.clone());
        let deployed = match deployment.run(run_log) {
            // Another instance may have deployed a newer commit: fetch again. If the branch is still at the same
            // commit, its history was rewritten.
            Err(error) if error.is_of_stale_clone() && fixed.is_none() => {
                let newer = clone.fetch(Instant::now(), &is_stopped)?;
                let repository = Repository::open(clone.directory())?;
                *commit = Some(newer.clone());
                let mut deployment =
                    CommitDeployment::of(context, self.attempts, &repository, stack, &newer);
                deployment.force = newer == wanted;
                deployment.run(run_log)
            }
            deployed => deployed,
        };
        match (deployed, missing) {
            (Ok(false), Some(missing)) => {
                *commit = None;
                Err(missing)
            }
            (deployed, _) => deployed,
        }
    }

    /// Fails while the pushed commit is not on the remote: a delivery may come before the forge's Git server has the
    /// commit. After several attempts the newest commit of the branch is taken instead. The returned error is then the
    /// run's result if there is nothing to do.
    fn missing_push(
        &self,
        run: &StackRun,
        newest: &str,
        repository: &Repository,
        run_log: &RunLog<'_>,
    ) -> Result<Option<RunError>, RunError> {
        let pushed = run.commit.as_ref().filter(|_| run.because == Cause::Push);
        let Some(pushed) = pushed else {
            return Ok(None);
        };
        let history = repository.history(Some(repository.commit(newest)?));
        if history.contains(pushed) {
            if pushed != newest {
                let (pushed, newest) = (beginning(pushed), beginning(newest));
                run_log.info(&format!(
                    "commit {pushed} was pushed, and the branch is at {newest} by now"
                ));
            }
            return Ok(None);
        }
        let settings = &self.context.parts.settings;
        let stack = settings.stack(&run.target);
        let branch = stack.map(|stack| settings.repositories[stack.repository].branch.clone());
        let (commit, branch) = (pushed.clone(), branch.unwrap_or_default());
        if self.retries.attempts(run_log.run) < ATTEMPTS_FOR_PUSH {
            return Err(RunError::PushNotThere { commit, branch });
        }
        let is_known = repository.commit(pushed).is_ok();
        run_log.log(
            LogLevel::Warning,
            &format!(
                "commit {} was pushed, and is not on the branch any more: it was at {} when the remote was asked last",
                beginning(pushed),
                beginning(newest)
            ),
        );
        // A commit that the clone knows was removed from the branch by a forced push: no error.
        Ok((!is_known).then_some(RunError::PushMissing { commit, branch }))
    }

    /// Lets a run wait for another key, since the current key does not open a file.
    fn wait_for_key(
        &self,
        id: RunId,
        run_log: &RunLog<'_>,
        waiting: &WaitingForKey<'_>,
    ) -> RunEvent {
        let WaitingForKey {
            error,
            path,
            commit,
            key_file,
            stamp,
        } = waiting;
        self.retries.postpone_for_key(id, *stamp, commit);
        let stack = self.context.parts.settings.stack(run_log.stack);
        let change = stack.and_then(|stack| self.context.clone_of(stack).last_change(path, commit));
        let change = change.unwrap_or_else(|| beginning(commit).to_owned());
        let reason = format!(
            "{error}; if the key was rotated in {change}, renew the key file {}",
            key_file.display()
        );
        run_log.log(LogLevel::Warning, &reason);
        RunEvent::Waits { reason }
    }
}

/// Facts about a run whose key does not open an encrypted file.
struct WaitingForKey<'a> {
    error: &'a RunError,
    /// The path of the encrypted file.
    path: &'a str,
    commit: &'a str,
    key_file: &'a Path,
    /// The stamp of the key file when the run began.
    stamp: KeyStamp,
}

/// True if the run is for one given commit rather than for the newest one of the branch.
fn is_fixed(run: &StackRun) -> bool {
    matches!(run.because, Cause::Rollback | Cause::Drift)
}
