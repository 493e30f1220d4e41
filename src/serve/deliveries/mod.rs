//! The deliveries of forges, which report pushes: verified, then read.
//!
//! `forge` knows the headers of each forge. `signature` verifies the raw body with the `secret` of a hook, and `standard` does for
//! senders of the Standard Webhooks; `signature_header` reads the headers of both. Only then `payload` reads the `push`. No part
//! of a body is parsed before its signature is verified.

mod forge;
mod payload;
mod push;
mod secret;
mod signature;
mod signature_header;
mod standard;

use http::HeaderMap;
use thiserror::Error;

pub(crate) use forge::Forge;
pub(crate) use push::Push;
pub(crate) use secret::{HookSecret, HookSecretError};
pub(crate) use signature::HookTrust;

use forge::EventKind;
use signature_header::SignatureError;

/// A delivery that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The id. A forge that sends a delivery again keeps its id.
    pub id: Option<String>,
    pub event: DeliveryEvent,
}

/// The event that a delivery reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeliveryEvent {
    /// The forge tests the hook.
    Ping,
    /// Pushes to branches. The list is empty if only tags were pushed.
    Pushes(Vec<Push>),
    /// Any other event. The service ignores it.
    Other,
}

/// Why a delivery is refused.
#[derive(Debug, Error)]
pub(crate) enum DeliveryError {
    /// The signature is missing or wrong.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The signature is good, but the body can't be parsed.
    #[error("its body can't be read: {0}")]
    Body(#[from] serde_json::Error),
    /// The body is a form without the field that GitHub puts the JSON into.
    #[error("its body is a form without a field `payload`")]
    NoPayload,
}

impl DeliveryError {
    /// Keeps this error in `kept`, if it says more than the error that is kept: a secret that does not fit may be that of another
    /// repository, but an error after a good signature is about the delivery itself.
    pub(crate) fn keep_in(self, kept: &mut Option<Self>) {
        let is_enough = |kept: &Self| kept.is_after_signature() || !self.is_after_signature();
        if !kept.as_ref().is_some_and(is_enough) {
            *kept = Some(self);
        }
    }

    /// True if one of the secrets has signed the delivery.
    fn is_after_signature(&self) -> bool {
        match self {
            Self::Signature(error) => matches!(error, SignatureError::NotNow { .. }),
            Self::Body(_) | Self::NoPayload => true,
        }
    }
}

impl Delivery {
    /// Verifies and reads a request to the path of `forge`. `now` is in seconds since 1970.
    pub(crate) fn read(
        forge: Forge,
        trust: &mut HookTrust,
        headers: &HeaderMap,
        body: &[u8],
        now: u64,
    ) -> Result<Self, DeliveryError> {
        trust.verify(forge, headers, body, now)?;
        let event = match forge.event(headers) {
            EventKind::Ping => DeliveryEvent::Ping,
            EventKind::Other => DeliveryEvent::Other,
            EventKind::Push if is_form(headers, body) => {
                let mut fields = form_urlencoded::parse(body);
                let payload = fields.find(|(name, _)| name == "payload");
                let (_, payload) = payload.ok_or(DeliveryError::NoPayload)?;
                DeliveryEvent::Pushes(payload::pushes(forge, payload.as_bytes())?)
            }
            EventKind::Push => DeliveryEvent::Pushes(payload::pushes(forge, body)?),
        };
        let id = forge.delivery_id(headers);
        Ok(Self { id, event })
    }
}

/// True if the body is a form, as GitHub can send from hooks that were made on its web pages. The header `Content-Type` is not
/// signed, hence a body that begins like JSON is never a form.
fn is_form(headers: &HeaderMap, body: &[u8]) -> bool {
    if body.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let kind = headers.get(http::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::secret::SecretBytes;

    const SECRET: &str = "a secret of this hook alone";
    const PUSH: &str = include_str!("../../../fixtures/webhooks/github-push.json");

    fn delivered(
        event: &'static str,
        kind: &'static str,
        body: &[u8],
    ) -> Result<Delivery, DeliveryError> {
        use hmac::{Hmac, KeyInit, Mac};
        let mut code = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
        code.update(body);
        let code = code.finalize().into_bytes();
        let code: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
        let code = HeaderValue::from_str(&format!("sha256={code}")).expect("plain");
        let mut headers = HeaderMap::new();
        headers.insert("x-hub-signature-256", code);
        headers.insert("x-github-event", HeaderValue::from_static(event));
        headers.insert("x-github-delivery", HeaderValue::from_static("d1"));
        headers.insert("content-type", HeaderValue::from_static(kind));
        let secret = HookSecret::parse(SecretBytes::copy_of(SECRET.as_bytes()));
        let mut trust = HookTrust {
            secrets: vec![secret.expect("long enough")],
            allows_sha1: false,
        };
        Delivery::read(Forge::GitHub, &mut trust, &headers, body, 0)
    }

    #[test]
    fn github_s_form_is_signed_as_it_is_sent() {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", PUSH)
            .finish();
        let json = delivered("push", "application/json", PUSH.as_bytes()).expect("good");
        assert!(matches!(&json.event, DeliveryEvent::Pushes(pushes) if pushes.len() == 1));
        assert_eq!(json.id.as_deref(), Some("d1"));
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let formed = delivered("push", kind, form.as_bytes()).expect("good");
        assert_eq!(formed, json);
        // Somebody who records a delivery can't send it again as a form, in order to have a text within it read as another push.
        let embedded = PUSH.replacen('{', r#"{"text": "&payload=%7B%7D&","#, 1);
        let plain = delivered("push", "application/json", embedded.as_bytes()).expect("good");
        let posed = delivered("push", kind, embedded.as_bytes()).expect("good");
        assert_eq!(posed, plain);
        let empty = delivered("push", kind, b"other=1");
        assert!(matches!(empty, Err(DeliveryError::NoPayload)));
    }

    #[test]
    fn a_ping_and_other_events_need_no_body_that_is_understood() {
        for (event, expected) in [
            ("ping", DeliveryEvent::Ping),
            ("issues", DeliveryEvent::Other),
        ] {
            let delivery = delivered(event, "application/json", b"{}").expect("signed");
            assert_eq!(delivery.event, expected);
        }
        let broken = delivered("push", "application/json", b"{");
        assert!(matches!(broken, Err(DeliveryError::Body(_))));
    }
}
