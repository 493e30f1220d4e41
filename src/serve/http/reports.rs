//! Answers questions about the state of the service, from people, monitoring and health checks.

use std::sync::atomic::Ordering;

use hyper::StatusCode;
use serde_json::json;

use super::response::{self, HttpResponse, json, refusal, response};
use super::site::Site;
use crate::serve::metrics::{DeliveryCounts, metrics};
use crate::serve::page::{overview_page, run_page};
use crate::serve::report::run_report;
use crate::serve::runs::RunId;

/// Maximum number of runs in a listing.
const LISTED: usize = 100;

/// After this many seconds without a look at the queue, the queue counts as stuck.
const STUCK: u64 = 30;

const HTML: &str = "text/html; charset=utf-8";

impl Site {
    pub(super) fn runs(&self) -> HttpResponse {
        let updater = &self.updater;
        let reports = updater.parts().book.read(|queue| {
            let runs = queue.runs().newest_first().take(LISTED);
            let reports = runs.map(|(id, run)| run_report(id, run, updater).without_log_lines());
            reports.collect::<Vec<_>>()
        });
        json(StatusCode::OK, &json!({ "runs": reports }))
    }

    pub(super) fn run(&self, id: RunId, is_page: bool) -> HttpResponse {
        let updater = &self.updater;
        let run = updater
            .parts()
            .book
            .read(|queue| queue.runs().run(id).cloned());
        let Some(run) = run else {
            return refusal(StatusCode::NOT_FOUND, "there is no run of this number");
        };
        if is_page {
            return response(StatusCode::OK, HTML, run_page(id, &run, updater));
        }
        json(StatusCode::OK, &run_report(id, &run, updater))
    }

    pub(super) fn overview(&self) -> HttpResponse {
        response(StatusCode::OK, HTML, overview_page(&self.updater))
    }

    pub(super) fn health(&self) -> HttpResponse {
        let swarm = self.updater.trouble_with_swarm();
        let is_moving = self.updater.seconds_since_look() < STUCK;
        let is_well = swarm.is_none() && is_moving;
        let status = if is_well {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        // The message of the daemon is left out: only the page shows it.
        let health = json!({ "healthy": is_well, "swarm": swarm.is_none(), "queue": is_moving });
        json(status, &health)
    }

    pub(super) fn metrics(&self) -> HttpResponse {
        let deliveries = DeliveryCounts {
            accepted: self.accepted.load(Ordering::Relaxed),
            refused: self.refusals.total.load(Ordering::Relaxed),
        };
        response::metrics(metrics(&self.updater, deliveries))
    }
}
