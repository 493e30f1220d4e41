//! One run from its start to its end.

use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

use super::attempts::Attempts;
use super::bringing::Bringing;
use super::context::WorkContext;
use super::panic::without_panic;
use super::retries::{KeyStamp, Retries};
use super::run_error::RunError;
use super::story::{MAXIMUM_LENGTH, Story, beginning};
use crate::repository::Repository;
use crate::serve::news::Weight;
use crate::serve::runs::{Cause, Happened, RunId, RunResult, StackRun};

/// How often a run is put off because the commit that was pushed is not there: for about three minutes.
const ATTEMPTS_FOR_PUSH: u32 = 8;

/// Does runs.
pub(super) struct Runner<'a> {
    pub context: &'a WorkContext,
    pub retries: &'a Retries,
    pub attempts: &'a Attempts,
}

impl Runner<'_> {
    /// Does a run that was asked for before `now`, and notes how it ended. A run that the end of the service has cut short is done again by the next one.
    pub(super) fn run(&self, id: RunId, run: &StackRun, now: Instant) {
        let is_stopped = || self.context.is_stopped();
        let story = Story {
            stack: &run.target,
            run: id,
            log: &*self.context.parts.log,
            is_stopped: &is_stopped,
            lines: RefCell::default(),
        };
        let mut commit = None;
        let key_file = self.context.key_file(&run.target);
        let key = key_file.map(|path| (path, KeyStamp::of(path)));
        let brought = without_panic(|| self.bring(run, now, &story, &mut commit));
        let happened = match brought {
            Ok(Err(_)) if is_stopped() => return,
            Ok(Err(error)) if error.may_pass() => {
                let wait = self.retries.put_off(id);
                let reason: String = error.to_string().chars().take(MAXIMUM_LENGTH).collect();
                let seconds = wait.as_secs_f64();
                let text = format!("{reason}; trying again in {seconds:.1} s");
                story.note(Weight::Warning, &text);
                Happened::Waits { reason }
            }
            ended => {
                // A key that opens an earlier commit will hardly come.
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
                    let happened = self.wait_for_key(id, &story, &waiting);
                    return self.context.note(id, happened);
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
                    Ok(Err(error)) => story.note(Weight::Error, &error.to_string()),
                    Err(panic) => story.note(Weight::Error, panic),
                    Ok(Ok(_)) => {}
                }
                let at = commit.as_deref().map_or("no commit", beginning);
                story.say(&format!("{} ({at})", result.word()));
                let is_given_up = matches!(&ended, Ok(Err(error)) if error.is_of_given_up());
                Happened::Ended {
                    result,
                    commit,
                    is_given_up,
                    said: story.lines.take(),
                }
            }
        };
        self.context.note(id, happened);
    }

    fn bring(
        &self,
        run: &StackRun,
        now: Instant,
        story: &Story<'_>,
        commit: &mut Option<String>,
    ) -> Result<bool, RunError> {
        let context = self.context;
        let Some(stack) = context.parts.settings.stack(&run.target) else {
            return Ok(false);
        };
        let clone = context.clone_of(stack);
        let is_stopped = || context.is_stopped();
        let fixed = run.commit.as_ref().filter(|_| is_fixed(run));
        // A commit that is to come back may be here when the remote is away.
        let newest = match fixed {
            Some(commit) if clone.is_there() => commit.clone(),
            _ => clone.fetch(now, &is_stopped)?,
        };
        let repository = Repository::open(clone.directory())?;
        let wanted = match fixed {
            Some(commit) => repository.commit(commit)?.to_string(),
            None => newest,
        };
        let missing = self.missing_push(run, &wanted, &repository, story)?;
        let is_by_itself = matches!(run.because, Cause::Start | Cause::Poll);
        let (held_back, is_given_up) = context.parts.book.read(|queue| {
            let held_back = queue.held_back(&run.target);
            let failed = queue.failed_attempts(&run.target, &wanted);
            (
                held_back.is_some_and(|commit| commit == wanted),
                failed.is_given_up,
            )
        });
        if is_by_itself && held_back {
            let commit = beginning(&wanted);
            story.say(&format!(
                "somebody has gone back from {commit}: it waits for a push"
            ));
            return Ok(false);
        }
        let mut bringing = Bringing::of(context, self.attempts, &repository, stack, &wanted);
        bringing.always = run.because == Cause::Drift;
        bringing.force = run.because == Cause::Rollback;
        bringing.is_given_up = is_by_itself && is_given_up;
        *commit = Some(wanted.clone());
        let brought = match bringing.run(story) {
            // Another instance may have deployed a commit that was pushed since. Else the branch was rewritten.
            Err(error) if error.is_of_stale_clone() && fixed.is_none() => {
                let newer = clone.fetch(Instant::now(), &is_stopped)?;
                let repository = Repository::open(clone.directory())?;
                *commit = Some(newer.clone());
                let mut bringing = Bringing::of(context, self.attempts, &repository, stack, &newer);
                bringing.force = newer == wanted;
                bringing.run(story)
            }
            brought => brought,
        };
        match (brought, missing) {
            (Ok(false), Some(missing)) => {
                *commit = None;
                Err(missing)
            }
            (brought, _) => brought,
        }
    }

    /// Fails while the commit that was pushed is not there: a forge may tell of it before its own Git shows it. After a while it
    /// is given up, and whatever the branch is at counts. Then this is the error of a run that finds nothing to do.
    fn missing_push(
        &self,
        run: &StackRun,
        newest: &str,
        repository: &Repository,
        story: &Story<'_>,
    ) -> Result<Option<RunError>, RunError> {
        let pushed = run.commit.as_ref().filter(|_| run.because == Cause::Push);
        let Some(pushed) = pushed else {
            return Ok(None);
        };
        let history = repository.history(Some(repository.commit(newest)?));
        if history.contains(pushed) {
            if pushed != newest {
                let (pushed, newest) = (beginning(pushed), beginning(newest));
                story.say(&format!(
                    "commit {pushed} was pushed, and the branch is at {newest} by now"
                ));
            }
            return Ok(None);
        }
        let settings = &self.context.parts.settings;
        let stack = settings.stack(&run.target);
        let branch = stack.map(|stack| settings.repositories[stack.repository].branch.clone());
        let (commit, branch) = (pushed.clone(), branch.unwrap_or_default());
        if self.retries.attempts(story.run) < ATTEMPTS_FOR_PUSH {
            return Err(RunError::PushNotThere { commit, branch });
        }
        let is_known = repository.commit(pushed).is_ok();
        story.note(
            Weight::Warning,
            &format!(
                "commit {} was pushed, and is not on the branch any more: it was at {} when the remote was asked last",
                beginning(pushed),
                beginning(newest)
            ),
        );
        // It was there once, and a forced push has taken it away.
        Ok((!is_known).then_some(RunError::PushMissing { commit, branch }))
    }

    /// Notes that a run waits for another key, since this one does not open the file at `path`.
    fn wait_for_key(&self, id: RunId, story: &Story<'_>, waiting: &WaitingForKey<'_>) -> Happened {
        let WaitingForKey {
            error,
            path,
            commit,
            key_file,
            stamp,
        } = waiting;
        self.retries.put_off_for_key(id, *stamp, commit);
        let stack = self.context.parts.settings.stack(story.stack);
        let change = stack.and_then(|stack| self.context.clone_of(stack).last_change(path, commit));
        let change = change.unwrap_or_else(|| beginning(commit).to_owned());
        let reason = format!(
            "{error}; if the key was rotated in {change}, renew the key file {}",
            key_file.display()
        );
        story.note(Weight::Warning, &reason);
        Happened::Waits { reason }
    }
}

/// A run that an encrypted file keeps from going on.
struct WaitingForKey<'a> {
    error: &'a RunError,
    /// The path of the encrypted file.
    path: &'a str,
    commit: &'a str,
    key_file: &'a Path,
    /// The stamp that the file with the key had when the run began.
    stamp: KeyStamp,
}

/// True if the commit of a run is given, whatever the branch is at.
fn is_fixed(run: &StackRun) -> bool {
    matches!(run.because, Cause::Rollback | Cause::Drift)
}
