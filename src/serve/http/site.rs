//! The state that all responses of an updater share.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use hyper::StatusCode;

use super::body::BodyMemory;
use super::response::{HttpResponse, refusal};
use crate::serve::refusals::Refusals;
use crate::serve::work::Updater;

/// The updater, with the counts of its deliveries and of the bodies in memory.
pub(super) struct Site {
    pub(super) updater: Arc<Updater>,
    pub(super) body_memory: Arc<BodyMemory>,
    pub(super) accepted: AtomicU64,
    pub(super) refusals: Refusals,
}

impl Site {
    pub(super) fn new(updater: Arc<Updater>) -> Self {
        Self {
            updater,
            body_memory: Arc::default(),
            accepted: AtomicU64::new(0),
            refusals: Refusals::default(),
        }
    }

    /// Has another thread make a response, which may wait for the disk or take a while. Other requests are answered meanwhile.
    pub(super) async fn in_thread(
        self: &Arc<Self>,
        respond: impl FnOnce(&Arc<Self>) -> HttpResponse + Send + 'static,
    ) -> HttpResponse {
        let site = Arc::clone(self);
        let response = tokio::task::spawn_blocking(move || respond(&site)).await;
        response.unwrap_or_else(|_| {
            let why = "an error in this program";
            refusal(StatusCode::INTERNAL_SERVER_ERROR, why)
        })
    }
}
