//! Answers for an updater elsewhere: each request that is verified is handed on, and the response is the updater's.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming as IncomingBody};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Request as HttpRequest, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use super::body::{BodyMemory, HeldBody};
use super::client::{WebClient, WebError};
use super::connections::{Listeners, Respondent, answer_requests};
use super::message_body::MessageBody;
use super::response::{self, HttpResponse, alive, json, refusal, refused_delivery, response};
use super::routes::{Entrance, Resource, is_wait};
use super::token::without_token;
use crate::serve::deliveries::Forge;
use crate::serve::error::ServeError;
use crate::serve::forward::{FORWARDED, Forwarder, HOPS, hops_after, verify_delivery};
use crate::serve::log::{LogLevel, ServiceLog};
use crate::serve::refusals::Refusals;

/// Maximum time for a delivery: from its head to the response of the updater. Forges wait for 10 s at most for the response to a delivery.
const PATIENCE: Duration = Duration::from_secs(9);

/// Maximum time until a restarted updater listens again.
const STARTING: Duration = Duration::from_secs(5);

/// Time between two attempts to connect to an updater that does not listen.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);

/// Maximum length in bytes of the body of the updater's response.
const MAXIMUM_RESPONSE: usize = 4 << 20;

/// Answers requests for an updater elsewhere until the service is to end.
pub(crate) fn serve_relay(listeners: Listeners, forwarder: Forwarder) -> Result<(), ServeError> {
    let client = WebClient::new(&forwarder.address).map_err(|error| ServeError::Updater {
        host: forwarder.address.host().to_owned(),
        reason: error.to_string(),
    })?;
    let relay = Relay {
        forwarder,
        client,
        body_memory: Arc::default(),
    };
    answer_requests(&Arc::new(relay), listeners)
}

/// The state of a receiver: its client for the updater, and the count of the bodies in memory.
struct Relay {
    forwarder: Forwarder,
    client: WebClient,
    body_memory: Arc<BodyMemory>,
}

impl Respondent for Relay {
    async fn respond(
        self: &Arc<Self>,
        entrance: Entrance,
        resource: Resource,
        request: HttpRequest<IncomingBody>,
    ) -> HttpResponse {
        match (entrance, resource) {
            (_, Resource::Health) => self.health(),
            (_, Resource::Liveness) => alive(),
            (Entrance::Page, Resource::Metrics) => self.metrics(),
            (Entrance::Forges, Resource::Hook(forge)) => self.deliver(forge, request).await,
            (Entrance::Forges, _) => self.order(request).await,
            (Entrance::Page, _) => {
                let why = "this is a receiver: the page is the updater's";
                refusal(StatusCode::NOT_FOUND, why)
            }
        }
    }

    fn is_stopped(&self) -> bool {
        (self.forwarder.is_stopped)()
    }

    fn longest_run(&self) -> Duration {
        self.forwarder.settings.timeout
    }

    fn refusals(&self) -> &Refusals {
        &self.forwarder.refusals
    }

    fn log(&self) -> &dyn ServiceLog {
        &*self.forwarder.log
    }
}

impl Relay {
    async fn deliver(
        self: &Arc<Self>,
        forge: Forge,
        request: HttpRequest<IncomingBody>,
    ) -> HttpResponse {
        let began = Instant::now();
        let (head, body) = request.into_parts();
        let body = match HeldBody::read(&self.body_memory, body, PATIENCE).await {
            Ok(body) => body,
            Err(error) => {
                self.forwarder.count_refused(forge, &error);
                return refusal(error.status(), error);
            }
        };
        let relay = Arc::clone(self);
        // Hashing a long body takes a while. In a thread of its own, it holds up no other request.
        let verified = tokio::task::spawn_blocking(move || {
            let now = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
            let settings = &relay.forwarder.settings;
            let verified = verify_delivery(settings, forge, &head.headers, body.bytes(), now);
            (verified, head, body)
        });
        let Ok((verified, head, body)) = verified.await else {
            let why = "an error in this program";
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, why);
        };
        if let Err(error) = verified {
            self.forwarder.count_refused(forge, &error);
            return refused_delivery(&error);
        }
        self.forwarder.accepted.fetch_add(1, Ordering::Relaxed);
        let query = head.uri.query().filter(|query| is_wait(query));
        let query = query.map(|_| "wait=true".to_owned());
        let mut headers = HeaderMap::new();
        for name in FORWARDED {
            for value in head.headers.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        let body = Bytes::from_owner(body);
        self.hand_on(&head, query, headers, body, began).await
    }

    /// Hands on a request that has the token.
    async fn order(self: &Arc<Self>, request: HttpRequest<IncomingBody>) -> HttpResponse {
        let token = self.forwarder.settings.token.as_ref();
        if let Some(refused) = without_token(token, &request) {
            return refused;
        }
        let (head, _) = request.into_parts();
        let mut headers = HeaderMap::new();
        if let Some(token) = head.headers.get(AUTHORIZATION) {
            headers.insert(AUTHORIZATION, token.clone());
        }
        let query = head.uri.query().map(str::to_owned);
        self.hand_on(&head, query, headers, Bytes::new(), Instant::now())
            .await
    }

    /// Forwards a request to the updater. `began` is when its head was received.
    async fn hand_on(
        &self,
        head: &Parts,
        query: Option<String>,
        mut headers: HeaderMap,
        body: Bytes,
        began: Instant,
    ) -> HttpResponse {
        let path = head.uri.path();
        let Some(hops) = hops_after(&head.headers) else {
            let why = "it was forwarded too often: do two receivers forward to each other?";
            self.forwarder
                .write_log(LogLevel::Error, &format!("{path}: {why}"));
            return refusal(StatusCode::LOOP_DETECTED, why);
        };
        headers.insert(HOPS, hops);
        let waits = query.as_deref().is_some_and(is_wait);
        let limit = if waits { self.longest_run() } else { PATIENCE };
        let limit = limit.saturating_sub(began.elapsed());
        let mut address = self.forwarder.address.below(path.trim_start_matches('/'));
        if let Some(query) = query {
            address = format!("{address}?{query}");
        }
        let request = HttpRequest::builder().method(&head.method).uri(address);
        let request = request.body(MessageBody::from(body));
        let mut request = match request {
            Ok(request) => request,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, error),
        };
        *request.headers_mut() = headers;
        let exchange = self.exchange_patiently(request, limit);
        match tokio::time::timeout(limit, exchange).await {
            Ok(Ok((status, kind, text))) => {
                self.forwarder.note_reached(true);
                self.forwarder.write_log(
                    LogLevel::Information,
                    &format!(
                        "{path} was handed on, and answered with {}",
                        status.as_u16()
                    ),
                );
                response(status, kind, text)
            }
            Ok(Err(WebError::TooSlow(_))) | Err(_) => {
                let why = "the updater has not answered in time";
                self.trouble(path, StatusCode::GATEWAY_TIMEOUT, why, "")
            }
            Ok(Err(error)) => {
                let why = "the updater can't be reached: send it again later";
                self.trouble(
                    path,
                    StatusCode::SERVICE_UNAVAILABLE,
                    why,
                    &error.to_string(),
                )
            }
        }
    }

    /// Like [`Self::exchange`], but tries again for a moment while nobody listens: the updater may be starting.
    async fn exchange_patiently(
        &self,
        request: HttpRequest<MessageBody>,
        limit: Duration,
    ) -> Result<(StatusCode, &'static str, String), WebError> {
        let began = Instant::now();
        let mut is_told = false;
        loop {
            match self.exchange(request.clone(), limit).await {
                Err(WebError::NoConnection(_)) if began.elapsed() < STARTING => {}
                response => return response,
            }
            if !is_told {
                is_told = true;
                let host = self.forwarder.address.host();
                let text = format!("nobody listens at {host}: trying again for a moment");
                self.forwarder.write_log(LogLevel::Warning, &text);
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
    }

    /// The status, the media type and the body of the updater's response.
    async fn exchange(
        &self,
        request: HttpRequest<MessageBody>,
        limit: Duration,
    ) -> Result<(StatusCode, &'static str, String), WebError> {
        let response = self.client.send(request, limit).await?;
        let status = response.status();
        if status.is_redirection() || status.is_informational() {
            let reason = format!(
                "it answered {}, and nobody is followed elsewhere",
                status.as_u16()
            );
            return Err(WebError::Connection(reason));
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let kind = if is_json {
            "application/json"
        } else {
            "text/plain; charset=utf-8"
        };
        let body = Limited::new(response.into_body(), MAXIMUM_RESPONSE)
            .collect()
            .await;
        let body = body.map_err(|error| WebError::Connection(error.to_string()))?;
        let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        Ok((status, kind, text))
    }

    fn trouble(&self, path: &str, status: StatusCode, why: &str, reason: &str) -> HttpResponse {
        self.forwarder.note_reached(false);
        let host = self.forwarder.address.host();
        self.forwarder.write_log(
            LogLevel::Error,
            &format!("{path} was not handed on to {host}: {why} {reason}"),
        );
        refusal(status, why)
    }

    /// A receiver that responds is healthy, even if its updater is away: starting the receiver again would not help.
    fn health(&self) -> HttpResponse {
        let updater = self.forwarder.is_reached();
        json(
            StatusCode::OK,
            &json!({ "healthy": true, "updater": updater }),
        )
    }

    fn metrics(&self) -> HttpResponse {
        response::metrics(self.forwarder.metrics())
    }
}
