//! Makes bollard's client for an endpoint.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tower_service::Service;

use super::Endpoint;
use super::refusal::Address;
use super::ssh::{SshHost, SshStream};
use crate::swarm::engine::EngineError;

/// Maximum number of requests in flight. A manager writes its log in batches, and more requests are no faster.
const IN_FLIGHT: usize = 16;

/// Maximum number of requests in flight over ssh. Each needs an ssh of its own, and an ssh server turns connections away once
/// ten are not logged in yet (`MaxStartups`).
const IN_FLIGHT_OVER_SSH: usize = 4;

impl Endpoint {
    /// How many requests this endpoint takes at once.
    pub(crate) fn in_flight(&self) -> usize {
        match self {
            Self::Ssh(_) => IN_FLIGHT_OVER_SSH,
            _ => IN_FLIGHT,
        }
    }

    /// A client that has not connected yet.
    pub(crate) fn client(&self, address: &Address, seconds: u64) -> Result<Docker, EngineError> {
        match self {
            Self::Unix(socket) => {
                // bollard says of a socket without permission that it is missing.
                std::fs::metadata(socket).map_err(|error| address.unreachable(&error))?;
                let socket = socket.to_string_lossy();
                Docker::connect_with_unix(&socket, seconds, API_DEFAULT_VERSION)
            }
            Self::Tcp(host) => Docker::connect_with_http(host, seconds, API_DEFAULT_VERSION),
            // bollard's own transports over TLS and ssh connect anew for each request. They also trust the authorities of
            // the system, and ask for a password where nobody sees it.
            Self::Tls(host, files) => {
                let mut tcp = HttpConnector::new();
                tcp.enforce_http(false);
                let configuration = files.configuration(&address.to_string())?;
                let connector = HttpsConnector::from((tcp, configuration));
                client_over(connector, &format!("https://{host}"), seconds)
            }
            Self::Ssh(host) => client_over(Dialer(host.clone()), "http://docker", seconds),
        }
        .map_err(|error| address.refusal("connecting", error))
    }
}

/// A client that keeps its connections, made by `connector`.
fn client_over<C>(connector: C, host: &str, seconds: u64) -> Result<Docker, Error>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let send = move |request: BollardRequest| {
        let response = client.request(request);
        Box::pin(async move { response.await.map_err(Error::from) })
    };
    Docker::connect_with_custom_transport(send, Some(host), seconds, API_DEFAULT_VERSION)
}

/// Makes connections by starting ssh. The address in a request is ignored.
#[derive(Clone)]
struct Dialer(SshHost);

impl<Address> Service<Address> for Dialer {
    type Response = TokioIo<SshStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Address) -> Self::Future {
        let host = self.0.clone();
        Box::pin(async move { host.dial().map(TokioIo::new) })
    }
}
