//! Whether the Swarm answers, as it was seen last.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::retries::with_jitter;
use super::running::words_of_panic;
use super::updater::Updater;
use crate::serve::news::Weight;
use crate::swarm::{DockerEngine, Engine as _};

/// How much time passes between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_secs(15);

/// The last look at the Swarm.
#[derive(Default)]
pub(crate) struct Pulse {
    trouble: Mutex<Option<String>>,
}

impl Pulse {
    pub(super) fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how the last look ended. True if that is news.
    pub(super) fn note(&self, trouble: Option<String>) -> bool {
        let known = self.trouble.lock();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        let is_news = known.is_some() != trouble.is_some();
        *known = trouble;
        is_news
    }
}

impl Updater {
    /// Looks at the Swarm again and again, until the service is to end.
    pub(super) fn feel_pulse(&self) {
        while !self.is_stopped() {
            let engine = DockerEngine::connect(&self.parts.docker.endpoint, |_| {});
            let trouble = engine.and_then(|engine| engine.inventory_of_objects());
            let trouble = trouble.err().map(|error| error.to_string());
            let (weight, text) = match &trouble {
                Some(trouble) => (Weight::Warning, trouble.clone()),
                None => (Weight::Information, "the Swarm answers again".to_owned()),
            };
            if self.pulse.note(trouble) {
                self.say(weight, &text);
            }
            self.pause(BETWEEN_LOOKS);
        }
    }

    /// Does something about every `interval`, until the service is to end. An error in this program ends one round alone.
    pub(super) fn again_and_again(&self, interval: Duration, doing: &str, round: impl Fn()) {
        loop {
            self.pause(with_jitter(interval));
            if self.is_stopped() {
                return;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(&round)) {
                let text = format!("{doing} failed: {}", words_of_panic(&*panic));
                self.say(Weight::Error, &text);
            }
        }
    }

    /// Waits, or less if the service is to end.
    pub(super) fn pause(&self, time: Duration) {
        const TICK: Duration = Duration::from_millis(100);
        let began = Instant::now();
        while began.elapsed() < time && !self.is_stopped() {
            std::thread::sleep(TICK.min(time));
        }
    }
}
