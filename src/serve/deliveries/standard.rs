//! Verifies the signature of the Standard Webhooks, over an id, a time and the body. GitLab can send it, too.
//!
//! Source: the specification of the Standard Webhooks, "Verifying webhook authenticity".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use super::secret::HookSecret;
use super::signature_header::{SignatureError, found, single};

pub(super) const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
pub(super) const SIGNATURE: &str = "webhook-signature";

/// Maximum distance between the signed time and now in seconds.
const TOLERANCE: u64 = 5 * 60;

/// Verifies that one of the secrets has signed `body`. `now` is in seconds since 1970.
pub(super) fn verify(
    secrets: &mut [HookSecret],
    headers: &HeaderMap,
    body: &[u8],
    now: u64,
) -> Result<(), SignatureError> {
    let id = single(headers, ID)?;
    let timestamp = single(headers, TIMESTAMP)?;
    let signatures = single(headers, SIGNATURE)?;
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    // A sender whose secret is being changed signs with both secrets. Signatures of other versions are ignored.
    let codes = signatures
        .split(' ')
        .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    let codes: Vec<Vec<u8>> = codes.collect();
    if codes.is_empty() {
        return Err(SignatureError::Malformed { header: SIGNATURE });
    }
    let mut fits = false;
    for secret in secrets {
        fits |= secret.has_signed_standard(&signed, &codes);
    }
    found(fits, SIGNATURE)?;
    let malformed = SignatureError::Malformed { header: TIMESTAMP };
    let then: u64 = timestamp.parse().map_err(|_| malformed)?;
    match now.abs_diff(then) {
        0..=TOLERANCE => Ok(()),
        seconds => Err(SignatureError::NotNow { seconds }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use http::HeaderValue;

    use super::*;
    use crate::secret::SecretBytes;

    /// The example of the specification, and its signature as another program computes it.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const THEN: u64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const CODE: &str = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn verified(signatures: &str, timestamp: &str, now: u64) -> Result<(), SignatureError> {
        let secret = HookSecret::parse(SecretBytes::copy_of(SECRET.as_bytes()));
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (ID, MESSAGE),
            (TIMESTAMP, timestamp),
            (SIGNATURE, signatures),
        ] {
            headers.insert(name, HeaderValue::from_str(value).expect("plain"));
        }
        verify(&mut [secret.expect("long enough")], &headers, BODY, now)
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let then = THEN.to_string();
        let wrong = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        for signatures in [
            format!("v1,{CODE}"),
            format!("{wrong} v1,{CODE}"),
            format!("v1a,{CODE} v1,{CODE}"),
        ] {
            assert_eq!(verified(&signatures, &then, THEN), Ok(()), "{signatures}");
        }
        let header = SIGNATURE;
        let refused = verified(wrong, &then, THEN);
        assert_eq!(refused, Err(SignatureError::Wrong { header }));
        for malformed in [
            String::new(),
            CODE.to_owned(),
            format!("v1a,{CODE}"),
            "v1,%".to_owned(),
        ] {
            let refused = verified(&malformed, &then, THEN);
            assert_eq!(
                refused,
                Err(SignatureError::Malformed { header }),
                "{malformed}"
            );
        }
    }

    #[test]
    fn a_long_body_is_hashed_once_for_all_signatures() {
        // The head of a request has room for about this many signatures. Hashing the body for each of them takes minutes.
        const SIGNATURES: usize = 4000;
        const PATIENCE: Duration = Duration::from_secs(30);
        let secret = HookSecret::parse(SecretBytes::copy_of(SECRET.as_bytes()));
        let mut headers = HeaderMap::new();
        let signatures = vec!["v1,"; SIGNATURES].join(" ");
        for (name, value) in [(ID, "x"), (TIMESTAMP, "0"), (SIGNATURE, &*signatures)] {
            headers.insert(name, HeaderValue::from_str(value).expect("plain"));
        }
        let body = vec![0; 25 << 20];
        let began = Instant::now();
        let refused = verify(&mut [secret.expect("long enough")], &headers, &body, 0);
        assert_eq!(refused, Err(SignatureError::Wrong { header: SIGNATURE }));
        let took = began.elapsed();
        assert!(took < PATIENCE, "{took:?}");
    }

    #[test]
    fn a_recorded_one_counts_for_five_minutes() {
        let (signatures, then) = (format!("v1,{CODE}"), THEN.to_string());
        for now in [THEN - 300, THEN, THEN + 300] {
            assert_eq!(verified(&signatures, &then, now), Ok(()));
        }
        for now in [THEN - 301, THEN + 301] {
            let refused = verified(&signatures, &then, now);
            assert_eq!(refused, Err(SignatureError::NotNow { seconds: 301 }));
        }
        // A changed time breaks the signature.
        let later = (THEN + 600).to_string();
        let header = SIGNATURE;
        let refused = verified(&signatures, &later, THEN + 600);
        assert_eq!(refused, Err(SignatureError::Wrong { header }));
    }
}
