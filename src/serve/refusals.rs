//! Tells of deliveries that are refused: the first ones of a minute one by one, and the number of the others. Anybody can send some.

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::deliveries::Forge;
use super::log::{LogLevel, LogMessage, ServiceLog};

/// The time for which refusals are counted together.
const PERIOD: Duration = Duration::from_secs(60);

/// Maximum number of refusals in a period that are logged one by one.
const MAXIMUM_TOLD: u64 = 20;

/// The refusals of a period.
#[derive(Default)]
pub(crate) struct Refusals {
    counted: Mutex<Counted>,
    /// How many there were since the start.
    pub total: AtomicU64,
}

#[derive(Default)]
struct Counted {
    /// When the first of them came; `None` if there was none.
    began: Option<Instant>,
    count: u64,
}

impl Refusals {
    /// Counts another refusal, and logs it unless there were many.
    pub(crate) fn count_and_log(&self, log: &dyn ServiceLog, forge: Forge, why: &dyn Display) {
        if self.note(Instant::now()) {
            let text = format!("a delivery to /hooks/{} was refused: {why}", forge.word());
            log.write(&LogMessage::of_service(LogLevel::Warning, &text));
        }
    }

    /// Logs at the end of a period how many refusals were not logged one by one.
    pub(crate) fn log_suppressed(&self, log: &dyn ServiceLog) {
        if let Some(count) = self.take_suppressed(Instant::now()) {
            let text = format!("{count} more deliveries were refused within a minute");
            log.write(&LogMessage::of_service(LogLevel::Warning, &text));
        }
    }

    /// Counts another refusal. True if it is to be logged.
    fn note(&self, now: Instant) -> bool {
        self.total.fetch_add(1, Ordering::Relaxed);
        let counted = self.counted.lock();
        let mut counted = counted.unwrap_or_else(PoisonError::into_inner);
        counted.count += 1;
        counted.began.get_or_insert(now);
        counted.count <= MAXIMUM_TOLD
    }

    /// Ends a period that is over. Returns the number of refusals that were not logged; `None` if there are none.
    fn take_suppressed(&self, now: Instant) -> Option<u64> {
        let counted = self.counted.lock();
        let mut counted = counted.unwrap_or_else(PoisonError::into_inner);
        let began = counted.began?;
        if now.saturating_duration_since(began) < PERIOD {
            return None;
        }
        let suppressed = counted.count.saturating_sub(MAXIMUM_TOLD);
        (counted.began, counted.count) = (None, 0);
        (suppressed > 0).then_some(suppressed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ones_of_a_period_are_told_of_and_the_others_counted() {
        let refusals = Refusals::default();
        let began = Instant::now();
        assert_eq!(refusals.take_suppressed(began), None);
        for round in 0..2 {
            let began = began + PERIOD * round;
            let told = (0..1000).filter(|_| refusals.note(began));
            assert_eq!(told.count(), 20);
            assert_eq!(refusals.take_suppressed(began + PERIOD / 2), None);
            assert_eq!(refusals.take_suppressed(began + PERIOD), Some(980));
            assert_eq!(refusals.take_suppressed(began + PERIOD * 2), None);
        }
        assert!(refusals.note(began));
        assert_eq!(refusals.take_suppressed(began + PERIOD * 3), None);
        assert_eq!(refusals.total.load(Ordering::Relaxed), 2001);
    }
}
