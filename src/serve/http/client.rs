//! The client for requests that the service makes: over HTTP, or over HTTPS with the certificate authorities that the system trusts.
//!
//! Redirects are not followed.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming as IncomingBody;
use hyper::{Request as HttpRequest, Response};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use super::message_body::MessageBody;
use crate::serve::settings::WebAddress;

/// Maximum time to connect.
const CONNECTING: Duration = Duration::from_secs(5);

/// Why there is no response.
#[derive(Debug, Error)]
pub(crate) enum WebError {
    /// The system trusts no certificate authority.
    #[error("this system trusts no authority for HTTPS: it needs the package `ca-certificates`")]
    NoAuthorities,
    /// No connection could be made. Nothing was sent.
    #[error("{0}")]
    NoConnection(String),
    /// The TLS handshake failed, the connection broke, or the response is malformed.
    #[error("{0}")]
    Connection(String),
    /// The response takes too long.
    #[error("no answer came within {} s", .0.as_secs())]
    TooSlow(Duration),
}

/// A client for one address.
#[derive(Clone)]
pub(super) struct WebClient {
    client: Client<HttpsConnector<HttpConnector>, MessageBody>,
}

impl WebClient {
    pub(super) fn new(address: &WebAddress) -> Result<Self, WebError> {
        let mut authorities = RootCertStore::empty();
        if address.is_https() {
            let found = rustls_native_certs::load_native_certs();
            authorities.add_parsable_certificates(found.certs);
            if authorities.is_empty() {
                return Err(WebError::NoAuthorities);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let configuration = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("because ring speaks TLS 1.2 and 1.3")
            .with_root_certificates(authorities)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECTING));
        let client = Client::builder(TokioExecutor::new())
            // Keep no idle connections: the server may have closed them.
            .pool_max_idle_per_host(0)
            .build(HttpsConnector::from((connector, configuration)));
        Ok(Self { client })
    }

    /// Sends a request. The head of the response must arrive within `limit`.
    pub(super) async fn send(
        &self,
        request: HttpRequest<MessageBody>,
        limit: Duration,
    ) -> Result<Response<IncomingBody>, WebError> {
        let response = tokio::time::timeout(limit, self.client.request(request)).await;
        let response = response.map_err(|_| WebError::TooSlow(limit))?;
        response.map_err(|error| {
            // The innermost source is a message of the system or of TLS. None contains the address, which may be a secret.
            let is_unsent = error.is_connect() && !is_of_tls(&error);
            let mut reason = error.to_string();
            let mut source = error.source();
            while let Some(inner) = source {
                reason = inner.to_string();
                source = inner.source();
            }
            if is_unsent {
                WebError::NoConnection(reason)
            } else {
                WebError::Connection(reason)
            }
        })
    }
}

/// True if a server was reached, and the TLS handshake with it failed. Another attempt a moment later would fail too.
fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // `source` of an I/O error skips the error that it wraps.
        next = match error.downcast_ref::<io::Error>() {
            Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_tls_is_found_within_those_of_io() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(!is_of_tls(&refused));
        assert!(!is_of_tls(&io::Error::other(refused)));
        let tls = rustls::Error::NoCertificatesPresented;
        let tls = io::Error::new(io::ErrorKind::InvalidData, tls);
        assert!(is_of_tls(&io::Error::other(tls)));
    }
}
