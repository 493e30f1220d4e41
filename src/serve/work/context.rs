//! The context that all threads of the work share: settings, runs, clones, log.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::docker_access::DockerAccess;
use super::last_error::LastError;
use super::panic::without_panic;
use super::retries::with_jitter;
use crate::serve::clone::BareClone;
use crate::serve::log::{LogLevel, LogMessage, ServiceLog};
use crate::serve::notify::AnnouncementCounts;
use crate::serve::runs::{Book, JournalError, RunEvent, RunId, RunRequest};
use crate::serve::settings::{ServedStack, ServiceSettings};

/// The parts that an updater is made of.
pub(crate) struct UpdaterParts {
    pub settings: Arc<ServiceSettings>,
    pub book: Arc<Book>,
    pub docker: DockerAccess,
    pub log: Arc<dyn ServiceLog>,
    /// How many notifications were sent.
    pub announced: Arc<AnnouncementCounts>,
    /// True once the service is to end.
    pub is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// The context that all threads of the work share.
pub(super) struct WorkContext {
    pub(super) parts: UpdaterParts,
    /// A clone of each repository, in the order of the settings.
    pub(super) clones: Vec<BareClone>,
    /// Why runs can't be written to the disk.
    disk: LastError,
}

impl WorkContext {
    pub(super) fn new(parts: UpdaterParts) -> Self {
        let settings = &parts.settings;
        let repositories = settings.repositories.iter();
        let clones = repositories.map(|repository| BareClone::new(&settings.state, repository));
        Self {
            clones: clones.collect(),
            disk: LastError::default(),
            parts,
        }
    }

    /// True once the service is to end.
    pub(super) fn is_stopped(&self) -> bool {
        (self.parts.is_stopped)()
    }

    pub(super) fn write_log(&self, level: LogLevel, text: &str) {
        self.parts.log.write(&LogMessage::of_service(level, text));
    }

    /// The clone of a stack's repository.
    pub(super) fn clone_of(&self, stack: &ServedStack) -> &BareClone {
        &self.clones[stack.repository]
    }

    /// The file with the key of a stack's repository.
    pub(super) fn key_file(&self, stack: &str) -> Option<&Path> {
        let settings = &self.parts.settings;
        let stack = settings.stack(stack)?;
        settings.repositories[stack.repository].key_file.as_deref()
    }

    /// Accepts runs for these wishes. False if they can't be written to the disk now.
    pub(super) fn accept(&self, requests: impl IntoIterator<Item = RunRequest>) -> bool {
        let accepted = self.parts.book.accept(requests);
        let is_accepted = accepted.is_ok();
        self.log_disk_error(accepted.map(drop));
        is_accepted
    }

    /// Writes to the disk what has happened to a run.
    pub(super) fn note(&self, id: RunId, event: RunEvent) {
        self.log_disk_error(self.parts.book.note(id, event));
    }

    /// Logs whether runs can be written to the disk, if that has changed.
    pub(super) fn log_disk_error(&self, written: Result<(), JournalError>) {
        let trouble = written.err().map(|error| error.to_string());
        let (level, text) = match &trouble {
            Some(trouble) => (LogLevel::Error, trouble.clone()),
            None => {
                let text = "runs can be written down again".to_owned();
                (LogLevel::Information, text)
            }
        };
        if self.disk.note(trouble) {
            self.write_log(level, &text);
        }
    }

    /// Calls `round` about every `interval` until the service is to end. A panic ends only the current round.
    pub(super) fn repeat_every(&self, interval: Duration, doing: &str, round: impl Fn()) {
        loop {
            self.pause(with_jitter(interval));
            if self.is_stopped() {
                return;
            }
            if let Err(panic) = without_panic(&round) {
                self.write_log(LogLevel::Error, &format!("{doing} failed: {panic}"));
            }
        }
    }

    /// Waits for this time, or until the service is to end.
    pub(super) fn pause(&self, time: Duration) {
        const TICK: Duration = Duration::from_millis(100);
        let began = Instant::now();
        while began.elapsed() < time && !self.is_stopped() {
            std::thread::sleep(TICK.min(time));
        }
    }
}
