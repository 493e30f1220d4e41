//! The state of a receiver: its updater, and how the updater responded.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::serve::deliveries::Forge;
use crate::serve::log::{LogLevel, LogMessage, ServiceLog};
use crate::serve::refusals::Refusals;
use crate::serve::settings::{ServiceSettings, WebAddress};

/// The state of a receiver apart from HTTP.
pub(crate) struct Forwarder {
    pub settings: ServiceSettings,
    /// The address of the updater.
    pub address: Arc<WebAddress>,
    pub log: Arc<dyn ServiceLog>,
    /// True once the service is to end.
    pub is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    /// How many deliveries were verified.
    pub accepted: AtomicU64,
    pub refusals: Refusals,
    /// How many requests the updater has answered. The next field counts the others.
    answered: AtomicU64,
    unanswered: AtomicU64,
    /// Whether the updater answered the last request; `None` before the first one.
    reached: Mutex<Option<bool>>,
}

impl Forwarder {
    pub(crate) fn new(
        settings: ServiceSettings,
        address: Arc<WebAddress>,
        log: Arc<dyn ServiceLog>,
        is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    ) -> Self {
        Self {
            settings,
            address,
            log,
            is_stopped,
            accepted: AtomicU64::new(0),
            refusals: Refusals::default(),
            answered: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
            reached: Mutex::new(None),
        }
    }

    pub(crate) fn write_log(&self, level: LogLevel, text: &str) {
        self.log
            .write(&LogMessage::of_service(level, text.trim_end()));
    }

    /// Counts a delivery that is not handed on, and logs why.
    pub(crate) fn count_refused(&self, forge: Forge, why: &dyn Display) {
        self.refusals.count_and_log(&*self.log, forge, why);
    }

    /// Counts a request that was handed on, by whether the updater has answered it.
    pub(crate) fn note_reached(&self, is_reached: bool) {
        let counted = if is_reached {
            &self.answered
        } else {
            &self.unanswered
        };
        counted.fetch_add(1, Ordering::Relaxed);
        let reached = self.reached.lock();
        *reached.unwrap_or_else(PoisonError::into_inner) = Some(is_reached);
    }

    /// Whether the updater has answered the last request; `None` before the first one.
    pub(crate) fn is_reached(&self) -> Option<bool> {
        let reached = self.reached.lock();
        *reached.unwrap_or_else(PoisonError::into_inner)
    }

    /// The metrics of a receiver.
    pub(crate) fn metrics(&self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix("hs_secrets");
        let counted = |outcomes: [(&'static str, &AtomicU64); 2]| {
            let family = Family::<Vec<(&'static str, String)>, Counter>::default();
            for (outcome, count) in outcomes {
                let labels = vec![("outcome", outcome.to_owned())];
                let count = count.load(Ordering::Relaxed);
                family.get_or_create(&labels).inc_by(count);
            }
            family
        };
        let came = counted([
            ("accepted", &self.accepted),
            ("refused", &self.refusals.total),
        ]);
        registry.register("deliveries", "Deliveries of forges", came);
        let answers = [
            ("answered", &self.answered),
            ("unanswered", &self.unanswered),
        ];
        let help = "Requests that were handed on to the updater";
        registry.register("forwarded", help, counted(answers));
        let reached: Gauge = Gauge::default();
        reached.set(i64::from(self.is_reached() != Some(false)));
        let help = "0 if the updater has not answered the last request";
        registry.register("updater_reachable", help, reached);
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }
}
