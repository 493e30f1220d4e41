//! Makes responses, each complete in memory.

use std::fmt;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use crate::serve::deliveries::DeliveryError;
use crate::serve::reception::ReceptionError;

pub(super) type HttpResponse = Response<Full<Bytes>>;

/// A response with a JSON document.
pub(super) fn json(status: StatusCode, document: &impl Serialize) -> HttpResponse {
    let text = serde_json::to_string(document).expect("because its keys are strings");
    response(status, "application/json", text + "\n")
}

/// A response with the reason for a refusal, as JSON.
pub(super) fn refusal(status: StatusCode, why: impl ToString) -> HttpResponse {
    json(status, &json!({ "error": why.to_string() }))
}

/// The response to a delivery that is refused.
pub(super) fn refused_delivery(error: &ReceptionError) -> HttpResponse {
    let status = match error {
        ReceptionError::Delivery(DeliveryError::Signature(_)) | ReceptionError::NoSecrets => {
            StatusCode::UNAUTHORIZED
        }
        ReceptionError::Delivery(_) => StatusCode::BAD_REQUEST,
        ReceptionError::OtherRepository { .. } => StatusCode::NOT_FOUND,
        // The disk may be full. The forge should send the delivery again later.
        ReceptionError::Journal(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    refusal(status, error)
}

/// The response to a liveness check. It does not depend on the Swarm: a service without one still journals pushes, and must not be restarted.
pub(super) fn alive() -> HttpResponse {
    json(StatusCode::OK, &json!({ "alive": true }))
}

/// A response with metrics in the text format of OpenMetrics.
pub(super) fn metrics(text: Result<String, fmt::Error>) -> HttpResponse {
    const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match text {
        Ok(text) => response(StatusCode::OK, TEXT, text),
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

/// A response with `text`, which is of the media type `kind`.
pub(super) fn response(status: StatusCode, kind: &'static str, text: String) -> HttpResponse {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The media type is the stated one: text from a commit or a daemon can't be taken for another one.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Allow the inline styles of the page and nothing else: text from a commit or a daemon can't become a script.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_browser_guesses_the_media_type_of_a_response() {
        for response in [
            alive(),
            refusal(StatusCode::NOT_FOUND, "no"),
            metrics(Ok("text".to_owned())),
            metrics(Err(fmt::Error)),
            response(StatusCode::OK, "text/html; charset=utf-8", String::new()),
        ] {
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            assert!(response.headers().contains_key(CONTENT_TYPE));
        }
    }
}
