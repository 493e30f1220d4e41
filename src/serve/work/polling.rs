//! Looks at the remotes now and then: for what no forge has told of, or what another instance was told of and could not do.

use std::time::{Duration, Instant};

use super::retries::with_jitter;
use super::updater::Updater;
use crate::serve::news::Weight;
use crate::serve::runs::{Cause, RunState, StackRun, Wish};

impl Updater {
    /// Looks at the remotes about every `interval`, until the service is to end.
    pub(super) fn poll(&self, interval: Duration) {
        loop {
            self.pause(with_jitter(interval));
            if self.is_stopped() {
                return;
            }
            for place in 0..self.clones.len() {
                self.poll_one(place);
            }
        }
    }

    fn poll_one(&self, place: usize) {
        let fetched = self.clones[place].fetch(Instant::now(), &|| self.is_stopped());
        let commit = match fetched {
            Ok(commit) => commit,
            Err(_) if self.is_stopped() => return,
            // The next poll is another attempt.
            Err(error) => return self.say(Weight::Warning, &error.to_string()),
        };
        let stacks = self.parts.settings.stacks_of(place);
        let lagging = self.parts.book.read(|queue| {
            let is_lagging = |name: &str| {
                let newest = queue.newest_of(name);
                newest.is_none_or(|(_, run)| is_about_another(run, &commit))
                    && queue.held_back(name) != Some(&commit)
            };
            let lagging = stacks.filter(|stack| is_lagging(stack.name.as_str()));
            lagging
                .map(|stack| stack.name.to_string())
                .collect::<Vec<_>>()
        });
        if lagging.is_empty() {
            return;
        }
        let wishes = lagging.into_iter().map(|target| Wish {
            target,
            commit: Some(commit.clone()),
            delivery: None,
            because: Cause::Poll,
        });
        let accepted = self.parts.book.accept(wishes);
        self.tell_of_trouble(accepted.map(drop));
    }
}

/// True if a run is over and was about another commit. One that is not over finds the newest commit itself.
fn is_about_another(run: &StackRun, commit: &str) -> bool {
    match run.state {
        RunState::Ended(_) => run.commit.as_deref() != Some(commit),
        RunState::Running => run.commit.as_deref().is_some_and(|known| known != commit),
        _ => false,
    }
}
