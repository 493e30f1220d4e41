//! Sends announcements, several times if an attempt fails. No run waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::announcement::Announcement;
use super::format::request;
use super::lookout::Lookout;
use crate::serve::http::{Messenger, WebError};
use crate::serve::log::{LogLevel, LogMessage, ServiceLog};
use crate::serve::runs::Book;
use crate::serve::settings::NotifySettings;

/// Maximum number of attempts to send an announcement.
const ATTEMPTS: u32 = 5;

/// Time between the first two attempts. It triples after each further attempt.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Maximum time between two attempts, whatever the receiver asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Maximum time for an attempt.
const PATIENCE: Duration = Duration::from_secs(10);

/// Maximum time for an attempt while the service ends.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// Time between two checks whether the service is to end.
const TICK: Duration = Duration::from_millis(500);

/// How many announcements were sent and given up since the service started.
#[derive(Default)]
pub(crate) struct AnnouncementCounts {
    pub sent: AtomicU64,
    pub failed: AtomicU64,
}

/// Sends notifications about the runs of a book.
pub(crate) struct Notifier {
    settings: Arc<NotifySettings>,
    messenger: Messenger,
    lookout: Lookout,
    book: Arc<Book>,
    log: Arc<dyn ServiceLog>,
    counts: Arc<AnnouncementCounts>,
    is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    /// The start in nanoseconds since 1970. It makes the ids of announcements unique across restarts.
    started: i128,
}

impl Notifier {
    /// A notifier for the events in `book` from now on.
    pub(crate) fn new(
        settings: Arc<NotifySettings>,
        book: Arc<Book>,
        log: Arc<dyn ServiceLog>,
        counts: Arc<AnnouncementCounts>,
        is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    ) -> Result<Self, WebError> {
        Ok(Self {
            messenger: Messenger::new(&settings.address)?,
            lookout: book.read(Lookout::new),
            settings,
            book,
            log,
            counts,
            is_stopped,
            started: Timestamp::now().as_nanosecond(),
        })
    }

    /// Sends notifications until the service is to end.
    pub(crate) fn work(mut self) {
        loop {
            let is_last = (self.is_stopped)();
            let lookout = &mut self.lookout;
            let now = Timestamp::now();
            for announcement in self.book.read(|queue| lookout.look(queue, now)) {
                if self.settings.occasions.contains(&announcement.occasion) {
                    self.deliver(&announcement);
                }
            }
            if is_last {
                return;
            }
            self.book.wait_for_change(TICK);
        }
    }

    fn deliver(&self, announcement: &Announcement) {
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=ATTEMPTS {
            let failure = match self.attempt(announcement) {
                Ok(()) => {
                    self.counts.sent.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(failure) => failure,
            };
            let is_last = failure.is_final || attempt == ATTEMPTS || (self.is_stopped)();
            let wait = failure.wait.map_or(pause, |wait| wait.max(pause));
            let wait = wait.min(LONGEST_PAUSE);
            let then = if is_last {
                "it is given up".to_owned()
            } else {
                format!("trying again in {} s", wait.as_secs())
            };
            let text = format!(
                "telling {} of run {} failed: {}; {then}",
                self.settings.address.host(),
                announcement.run,
                failure.reason
            );
            self.log
                .write(&LogMessage::of_service(LogLevel::Warning, &text));
            if is_last {
                self.counts.failed.fetch_add(1, Ordering::Relaxed);
                return;
            }
            self.pause(wait);
            pause *= 3;
        }
    }

    fn attempt(&self, announcement: &Announcement) -> Result<(), FailedAttempt> {
        let id = format!("hs-secrets-{}-{}", self.started, announcement.run);
        let id = format!("{id}-{}", announcement.state);
        let request = request(&self.settings, announcement, &id);
        // The message of this error contains no part of the address, which may be a secret.
        let request = request.map_err(|error| FailedAttempt {
            reason: error.to_string(),
            is_final: true,
            wait: None,
        })?;
        let is_ending = (self.is_stopped)();
        let patience = if is_ending { LAST_PATIENCE } else { PATIENCE };
        let response = self.messenger.send(request, patience);
        let response = response.map_err(|error| FailedAttempt {
            reason: error.to_string(),
            is_final: false,
            wait: None,
        })?;
        let status = response.status;
        if status.is_success() {
            return Ok(());
        }
        let is_sent_on = status.is_redirection();
        let sent_on = if is_sent_on {
            ", and nobody is followed elsewhere"
        } else {
            ""
        };
        Err(FailedAttempt {
            reason: format!("it answered {}{sent_on}", status.as_u16()),
            // 408 (timeout), 429 (too many requests) and errors of the server may pass. Another attempt helps against no other status.
            is_final: !status.is_server_error() && ![408, 429].contains(&status.as_u16()),
            wait: response.retry_after,
        })
    }

    /// Waits for `time`, or until the service is to end.
    fn pause(&self, time: Duration) {
        let began = Instant::now();
        while began.elapsed() < time && !(self.is_stopped)() {
            std::thread::sleep(TICK.min(time));
        }
    }
}

/// An attempt that failed.
struct FailedAttempt {
    reason: String,
    /// True if another one would fail, too.
    is_final: bool,
    /// The time in the receiver's header `Retry-After`.
    wait: Option<Duration>,
}
