//! Sends requests from a thread without an async runtime, and waits for the responses.

use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Bytes;
use hyper::header::RETRY_AFTER;
use hyper::{Request as HttpRequest, StatusCode};
use tokio::runtime::{self, Runtime};

use super::client::{WebClient, WebError};
use super::message_body::MessageBody;
use crate::serve::settings::WebAddress;

/// Maximum length of a response body in bytes.
const MAXIMUM_RESPONSE: usize = 64 << 10;

/// Sends messages to one address.
pub(crate) struct Messenger {
    runtime: Runtime,
    client: WebClient,
}

/// The response to a message.
pub(crate) struct MessageResponse {
    pub status: StatusCode,
    /// The time in the header `Retry-After`.
    pub retry_after: Option<Duration>,
}

impl Messenger {
    pub(crate) fn new(address: &WebAddress) -> Result<Self, WebError> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| WebError::Connection(error.to_string()))?;
        let client = WebClient::new(address)?;
        Ok(Self { runtime, client })
    }

    /// Sends a message, and returns the body of the response, which must come within `limit`.
    pub(crate) fn read(
        &self,
        message: HttpRequest<Vec<u8>>,
        limit: Duration,
    ) -> Result<Bytes, WebError> {
        let message = message.map(|body| MessageBody::from(Bytes::from(body)));
        let read = async {
            let response = self.client.send(message, limit).await?;
            let body = Limited::new(response.into_body(), MAXIMUM_RESPONSE);
            let body = body.collect().await;
            let body = body.map_err(|error| WebError::Connection(error.to_string()))?;
            Ok(body.to_bytes())
        };
        let read = async { tokio::time::timeout(limit, read).await };
        let read = self.runtime.block_on(read);
        read.unwrap_or(Err(WebError::TooSlow(limit)))
    }

    /// Sends a message, and waits for the response for `limit` at most. The body of the response is not read.
    pub(crate) fn send(
        &self,
        message: HttpRequest<Vec<u8>>,
        limit: Duration,
    ) -> Result<MessageResponse, WebError> {
        let message = message.map(|body| MessageBody::from(Bytes::from(body)));
        let response = self.runtime.block_on(self.client.send(message, limit))?;
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(MessageResponse {
            status: response.status(),
            retry_after: retry_after.map(Duration::from_secs),
        })
    }
}
