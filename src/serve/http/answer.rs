//! Answers, each whole in memory.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::json;

pub(super) type HttpAnswer = Response<Full<Bytes>>;

/// A document of JSON.
pub(super) fn json(status: StatusCode, document: &impl Serialize) -> HttpAnswer {
    let text = serde_json::to_string(document).expect("because its keys are strings");
    answer(status, "application/json", text + "\n")
}

/// Why nothing was done, as JSON.
pub(super) fn refusal(status: StatusCode, why: impl ToString) -> HttpAnswer {
    json(status, &json!({ "error": why.to_string() }))
}

/// A text of this kind.
pub(super) fn answer(status: StatusCode, kind: &'static str, text: String) -> HttpAnswer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A page has its own styles, and nothing else: what a commit or a daemon says can't become a script.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    answer
}
