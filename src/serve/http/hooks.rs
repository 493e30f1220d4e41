//! Answers deliveries: at once with the numbers of the runs, or when those are over if the sender wants to wait.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::body::Incoming as IncomingBody;
use hyper::{Request as HttpRequest, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use super::answer::{HttpAnswer, json, refusal};
use super::body::HeldBody;
use super::routes::Site;
use crate::serve::deliveries::{DeliveryError, Forge};
use crate::serve::reception::{Reception, ReceptionError, take_delivery};

impl Site {
    pub(super) async fn hook(
        self: &Arc<Self>,
        forge: Forge,
        request: HttpRequest<IncomingBody>,
    ) -> HttpAnswer {
        let waits = request.uri().query().is_some_and(is_wait);
        let (head, body) = request.into_parts();
        let body = match HeldBody::read(&self.room, body).await {
            Ok(body) => body,
            Err(error) => {
                self.tell_of_refusal(forge, &error);
                return refusal(error.status(), error);
            }
        };
        self.in_thread(move |site| {
            let now = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
            let parts = site.updater.parts();
            let (settings, book) = (&parts.settings, &parts.book);
            let taken = take_delivery(settings, book, forge, &head.headers, body.bytes(), now);
            // Others need the room while this one waits.
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
    ) -> HttpAnswer {
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
                self.tell_of_refusal(forge, &error);
                refusal(status(&error), error)
            }
        }
    }

    fn tell_of_refusal(&self, forge: Forge, why: &dyn Display) {
        self.refusals.tell(&*self.updater.parts().log, forge, why);
    }
}

/// True if a query asks to wait for the end.
pub(super) fn is_wait(query: &str) -> bool {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    fields.any(|(name, value)| name == "wait" && value == "true")
}

/// The status of the answer to a delivery that is refused.
pub(super) fn status(error: &ReceptionError) -> StatusCode {
    match error {
        ReceptionError::Delivery(DeliveryError::Signature(_)) | ReceptionError::NoSecrets => {
            StatusCode::UNAUTHORIZED
        }
        ReceptionError::Delivery(_) => StatusCode::BAD_REQUEST,
        ReceptionError::OtherRepository { .. } => StatusCode::NOT_FOUND,
        // The forge is to send it again once there is room on the disk.
        ReceptionError::Journal(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
