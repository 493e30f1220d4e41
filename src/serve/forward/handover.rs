//! The checks of a receiver, and the headers that it hands on.

use std::sync::PoisonError;

use http::{HeaderMap, HeaderValue};

use crate::serve::deliveries::{DeliveryError, Forge};
use crate::serve::reception::ReceptionError;
use crate::serve::settings::ServiceSettings;

/// The headers of a delivery that the updater gets unchanged: they describe the delivery, or prove it.
pub(crate) const FORWARDED: [&str; 25] = [
    "content-type",
    "user-agent",
    "x-github-event",
    "x-github-delivery",
    "x-hub-signature-256",
    "x-hub-signature",
    "x-gitea-event",
    "x-gitea-delivery",
    "x-gitea-signature",
    "x-forgejo-event",
    "x-forgejo-delivery",
    "x-forgejo-signature",
    "x-gogs-event",
    "x-gogs-delivery",
    "x-gogs-signature",
    "x-gitlab-event",
    "x-gitlab-event-uuid",
    "x-gitlab-token",
    "idempotency-key",
    "x-event-key",
    "x-request-uuid",
    "x-request-id",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
];

/// The header that counts how often a request was handed on.
pub(crate) const HOPS: &str = "hs-secrets-hops";

/// Maximum number of times that a request is handed on.
const MAXIMUM_HOPS: u8 = 3;

/// The value of [`HOPS`] for a request that is handed on; `None` if it was handed on too often, or its count is malformed.
pub(crate) fn hops_after(headers: &HeaderMap) -> Option<HeaderValue> {
    let before = match headers.get(HOPS) {
        None => 0,
        Some(count) => count.to_str().ok()?.parse().ok()?,
    };
    (before < MAXIMUM_HOPS).then(|| HeaderValue::from(u16::from(before) + 1))
}

/// Verifies that a delivery is signed with the secret of a repository. The body is not parsed. `now` is in seconds since 1970.
pub(crate) fn verify_delivery(
    settings: &ServiceSettings,
    forge: Forge,
    headers: &HeaderMap,
    body: &[u8],
    now: u64,
) -> Result<(), ReceptionError> {
    let mut refused = None;
    for repository in &settings.repositories {
        let trust = repository.trust.lock();
        let mut trust = trust.unwrap_or_else(PoisonError::into_inner);
        if trust.secrets.is_empty() {
            continue;
        }
        match trust.verify(forge, headers, body, now) {
            Ok(()) => return Ok(()),
            Err(error) => DeliveryError::from(error).keep_in(&mut refused),
        }
    }
    Err(match refused {
        Some(error) => error.into(),
        None => ReceptionError::NoSecrets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_that_is_handed_on_again_and_again() {
        let mut headers = HeaderMap::new();
        for count in ["1", "2", "3"] {
            let hops = hops_after(&headers).expect("few hops");
            assert_eq!(hops, count);
            headers.insert(HOPS, hops);
        }
        assert_eq!(hops_after(&headers), None);
        for odd in ["", "-1", "256", "x"] {
            headers.insert(HOPS, HeaderValue::from_static(odd));
            assert_eq!(hops_after(&headers), None, "{odd}");
        }
    }
}
