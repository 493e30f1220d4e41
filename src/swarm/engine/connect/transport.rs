//! Creates bollard's client for an endpoint.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpStream, UnixStream};
use tower_service::Service;

use super::limited_stream::LimitedStream;
use super::refusal::Address;
use super::ssh::SshHost;
use super::{Endpoint, RequestLimits};
use crate::swarm::engine::EngineError;

/// Maximum number of concurrent requests. A manager writes its log in batches, and more requests are not faster.
const IN_FLIGHT: usize = 16;

/// Maximum number of concurrent requests over ssh. Each needs an ssh process, and an ssh server rejects connections while
/// ten are not logged in yet (`MaxStartups`).
const IN_FLIGHT_OVER_SSH: usize = 4;

/// How many idle connections are kept if a new connection is cheap. If the daemon closed a kept connection at the moment of
/// a request, the daemon would seem to have gone away.
const IDLE_CONNECTIONS: usize = 0;

/// The address in requests over a connection that needs no address.
const NO_ADDRESS: &str = "http://docker";

impl Endpoint {
    /// The maximum number of concurrent requests to this endpoint.
    pub(crate) fn in_flight(&self) -> usize {
        match self {
            Self::Ssh(_) => IN_FLIGHT_OVER_SSH,
            _ => IN_FLIGHT,
        }
    }

    /// A client that has not connected yet.
    ///
    /// bollard's own transports are not used, because they read responses of any length. For TLS and ssh, they also make a
    /// new connection for each request, trust the authorities of the operating system, and may ask for a password where
    /// nobody sees the prompt.
    pub(crate) fn client(
        &self,
        address: &Address,
        limits: RequestLimits,
    ) -> Result<Docker, EngineError> {
        let dialer = |route| Dialer {
            route,
            longest_answer: limits.length,
        };
        let seconds = limits.time.as_secs();
        match self {
            Self::Unix(socket) => {
                let dialer = dialer(Route::Unix(socket.clone()));
                client_over(dialer, NO_ADDRESS, seconds, IDLE_CONNECTIONS)
            }
            Self::Tcp(host) => {
                let dialer = dialer(Route::Tcp(host.clone()));
                client_over(dialer, &format!("http://{host}"), seconds, IDLE_CONNECTIONS)
            }
            Self::Tls(host, files) => {
                let configuration = files.configuration(&address.to_string())?;
                let dialer = dialer(Route::Tcp(host.clone()));
                let connector = HttpsConnector::from((dialer, configuration));
                client_over(connector, &format!("https://{host}"), seconds, IN_FLIGHT)
            }
            Self::Ssh(host) => {
                let dialer = dialer(Route::Ssh(host.clone()));
                client_over(dialer, NO_ADDRESS, seconds, IN_FLIGHT_OVER_SSH)
            }
        }
        .map_err(|error| address.refusal("connecting", error))
    }
}

/// A client with connections made by `connector`, of which `kept` may stay open while idle.
fn client_over<C>(connector: C, host: &str, seconds: u64, kept: usize) -> Result<Docker, Error>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(kept)
        .build(connector);
    let send = move |request: BollardRequest| {
        let response = client.request(request);
        Box::pin(async move { response.await.map_err(Error::from) })
    };
    Docker::connect_with_custom_transport(send, Some(host), seconds, API_DEFAULT_VERSION)
}

/// Makes connections to one daemon. The address in a request is ignored.
#[derive(Clone)]
struct Dialer {
    route: Route,
    /// Maximum length of a response in bytes.
    longest_answer: usize,
}

/// The way to a daemon.
#[derive(Clone)]
enum Route {
    Unix(PathBuf),
    /// `host:port`.
    Tcp(String),
    Ssh(SshHost),
}

impl<Address> Service<Address> for Dialer {
    type Response = TokioIo<LimitedStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Address) -> Self::Future {
        let Self {
            route,
            longest_answer,
        } = self.clone();
        Box::pin(async move {
            let stream = match route {
                Route::Unix(socket) => {
                    LimitedStream::new(UnixStream::connect(socket).await?, longest_answer)
                }
                Route::Tcp(host) => {
                    LimitedStream::new(TcpStream::connect(host).await?, longest_answer)
                }
                Route::Ssh(host) => LimitedStream::new(host.dial()?, longest_answer),
            };
            Ok(TokioIo::new(stream))
        })
    }
}
