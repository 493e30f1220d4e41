//! Answers deliveries: at once with the numbers of the runs, or after their end if the sender asks to wait.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::body::Incoming as IncomingBody;
use hyper::{Request as HttpRequest, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use super::body::{HeldBody, PATIENCE};
use super::response::{HttpResponse, json, refusal, refused_delivery};
use super::routes::is_wait;
use super::site::Site;
use crate::serve::deliveries::Forge;
use crate::serve::reception::{Reception, ReceptionError, take_delivery};

impl Site {
    pub(super) async fn hook(
        self: &Arc<Self>,
        forge: Forge,
        request: HttpRequest<IncomingBody>,
    ) -> HttpResponse {
        let waits = request.uri().query().is_some_and(is_wait);
        let (head, body) = request.into_parts();
        let body = match HeldBody::read(&self.body_memory, body, PATIENCE).await {
            Ok(body) => body,
            Err(error) => {
                self.log_refusal(forge, &error);
                return refusal(error.status(), error);
            }
        };
        self.in_thread(move |site| {
            let now = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
            let parts = site.updater.parts();
            let (settings, book) = (&parts.settings, &parts.book);
            let taken = take_delivery(settings, book, forge, &head.headers, body.bytes(), now);
            // Free the memory for other bodies while this request waits for its runs.
            drop(body);
            site.taken(forge, taken, waits)
        })
        .await
    }

    fn taken(
        &self,
        forge: Forge,
        taken: Result<Reception, ReceptionError>,
        waits: bool,
    ) -> HttpResponse {
        match taken {
            Ok(reception) => {
                self.accepted.fetch_add(1, Ordering::Relaxed);
                match reception {
                    Reception::Ping => json(StatusCode::OK, &json!({ "pong": true })),
                    Reception::Ignored(why) => json(StatusCode::OK, &json!({ "ignored": why })),
                    Reception::Runs(runs) => self.accepted_runs(&runs, waits),
                }
            }
            Err(error) => {
                self.log_refusal(forge, &error);
                refused_delivery(&error)
            }
        }
    }

    fn log_refusal(&self, forge: Forge, why: &dyn Display) {
        self.refusals
            .count_and_log(&*self.updater.parts().log, forge, why);
    }
}
