//! Checks that a request has the token of the settings.

use std::sync::{Mutex, PoisonError};

use hyper::body::Incoming as IncomingBody;
use hyper::header::AUTHORIZATION;
use hyper::{Request as HttpRequest, StatusCode};

use super::response::{HttpResponse, refusal};
use crate::serve::deliveries::HookSecret;

/// The refusal of a request without the token; `None` if the request has it.
pub(super) fn without_token(
    token: Option<&Mutex<HookSecret>>,
    request: &HttpRequest<IncomingBody>,
) -> Option<HttpResponse> {
    const SCHEME: &[u8] = b"Bearer ";
    let Some(token) = token else {
        let why = "nobody may ask for this: the settings have no `token-file`";
        return Some(refusal(StatusCode::FORBIDDEN, why));
    };
    let given = request.headers().get(AUTHORIZATION);
    let given = given.and_then(|given| given.as_bytes().split_at_checked(SCHEME.len()));
    let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME));
    let mut token = token.lock().unwrap_or_else(PoisonError::into_inner);
    let is_right = given.is_some_and(|(_, given)| token.is(given));
    (!is_right).then(|| {
        let why = "this needs the header `Authorization: Bearer TOKEN`";
        refusal(StatusCode::UNAUTHORIZED, why)
    })
}
