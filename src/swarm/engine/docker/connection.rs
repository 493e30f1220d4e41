//! The connection to a real Docker daemon, with bollard.

use std::cell::Cell;
use std::time::{Duration, Instant};

use bollard::{BollardRequest, ClientVersion, Docker};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use tokio::runtime::{self, Runtime};

use crate::swarm::engine::connect::{Address, RequestLimits};
use crate::swarm::engine::{Endpoint, EngineError};

/// The API version of Docker 20.10.
const OLDEST_API: ClientVersion = ClientVersion {
    major_version: 1,
    minor_version: 41,
};

/// How long to wait for managers to elect a leader. After a leader has died, this takes a few seconds.
const ELECTION: Duration = Duration::from_secs(15);
/// Pause before a request is repeated during an election.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);

/// The user is told that a request is slow after the request's time limit divided by this number.
const SLOW: u32 = 6;

/// A connection to a Docker daemon, with the async runtime that it needs.
pub struct DockerEngine {
    pub(crate) runtime: Runtime,
    pub(crate) docker: Docker,
    address: Address,
    timeout: Duration,
    pub(crate) in_flight: usize,
    notice: Box<dyn Fn(&str)>,
    noticed: Cell<bool>,
}

/// How long to wait for a response, and what to tell the user meanwhile.
pub(crate) struct RequestPatience {
    limit: Duration,
    notice: String,
}

impl DockerEngine {
    /// Connects and negotiates an API version. `notice` is called with the reason if a request is slow.
    pub fn connect(
        endpoint: &Endpoint,
        notice: impl Fn(&str) + 'static,
    ) -> Result<Self, EngineError> {
        Self::connect_within(RequestLimits::default(), endpoint, notice)
    }

    pub(crate) fn connect_within(
        limits: RequestLimits,
        endpoint: &Endpoint,
        notice: impl Fn(&str) + 'static,
    ) -> Result<Self, EngineError> {
        let timeout = limits.time;
        let address = Address::new(endpoint, timeout);
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| EngineError::NoRuntime {
                reason: error.to_string(),
            })?;
        let docker = endpoint.client(&address, limits)?;
        let mut engine = Self {
            runtime,
            docker,
            address,
            timeout,
            in_flight: endpoint.in_flight(),
            notice: Box::new(notice),
            noticed: Cell::new(false),
        };
        engine.agree_on_version()?;
        Ok(engine)
    }

    fn agree_on_version(&mut self) -> Result<(), EngineError> {
        let docker = self.runtime.block_on(self.ask("connecting", async || {
            self.docker.clone().negotiate_version().await
        }))?;
        let version = docker.client_version();
        if version < OLDEST_API {
            return Err(EngineError::TooOld {
                host: self.address.to_string(),
                version: version.to_string(),
                oldest: OLDEST_API.to_string(),
            });
        }
        self.docker = docker.with_request_modifier(move |request| at_path(request, &version, None));
        self.address.reached();
        Ok(())
    }

    /// The version of the engine, the API version in use, and the address.
    pub(crate) fn version(&self) -> Result<String, EngineError> {
        #[derive(serde::Deserialize)]
        struct EngineVersion {
            #[serde(rename = "Version")]
            version: String,
        }
        let asked = self.read("asking for its version", "version");
        let EngineVersion { version } = self.runtime.block_on(asked)?;
        let (api, address) = (self.docker.client_version(), &self.address);
        Ok(format!("{version}, API {api}, at {address}"))
    }

    /// Reads a listing.
    ///
    /// The request is not made with bollard's own call, because bollard's models drop `PreviousSpec` (see `wire`). bollard
    /// has no call that returns the bytes of any address, so one of its streaming calls is sent to the wanted address
    /// instead.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        what: &'static str,
    ) -> Result<Vec<T>, EngineError> {
        self.read(&format!("listing {what}"), what).await
    }

    /// The response to `GET /PATH`.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        doing: &str,
        path: &str,
    ) -> Result<T, EngineError> {
        self.read_within(&self.patience(), doing, path).await
    }

    /// The response to `GET /PATH`, with a time limit.
    pub(crate) async fn read_within<T: DeserializeOwned>(
        &self,
        patience: &RequestPatience,
        doing: &str,
        path: &str,
    ) -> Result<T, EngineError> {
        let wanted = path.to_owned();
        let version = self.docker.client_version();
        let docker = self
            .docker
            .clone()
            .with_timeout(patience.limit)
            .with_request_modifier(move |request| at_path(request, &version, Some(&wanted)));
        let bytes = self.ask_within(patience, doing, async || {
            let pieces = docker.export_container("any");
            pieces
                .try_fold(Vec::new(), async |mut bytes, piece| {
                    bytes.extend_from_slice(&piece);
                    Ok(bytes)
                })
                .await
        });
        serde_json::from_slice(&bytes.await?).map_err(|error| EngineError::Unreadable {
            doing: doing.to_owned(),
            // Serde's message would quote a value of the wrong type, which can be a config's content.
            reason: format!("{:?} at column {}", error.classify(), error.column()),
        })
    }

    /// The time limit and notice of an ordinary request.
    fn patience(&self) -> RequestPatience {
        let (address, seconds) = (&self.address, self.timeout.as_secs());
        RequestPatience {
            limit: self.timeout,
            notice: format!(
                "the Docker daemon at {address} does not answer yet; waiting for it, {seconds} s at most"
            ),
        }
    }

    /// The time limit and notice of a request for which the daemon asks its volume plugins. The daemon waits up to 60 s for
    /// each of them.
    pub(crate) fn patience_with_plugins(&self) -> RequestPatience {
        RequestPatience {
            limit: self.timeout * 3,
            notice: "the Docker daemon asks its volume plugins, and one of them does not answer; it waits 60 s for that one"
                .to_owned(),
        }
    }

    /// Sends a request, and repeats it while the managers elect a leader. A request that failed because there was no leader
    /// may still have been carried out; the response to the repeated request shows that.
    pub(crate) async fn ask<T>(
        &self,
        doing: &str,
        request: impl AsyncFn() -> Result<T, bollard::errors::Error>,
    ) -> Result<T, EngineError> {
        self.ask_within(&self.patience(), doing, request).await
    }

    async fn ask_within<T>(
        &self,
        patience: &RequestPatience,
        doing: &str,
        request: impl AsyncFn() -> Result<T, bollard::errors::Error>,
    ) -> Result<T, EngineError> {
        let started = Instant::now();
        loop {
            let answer = self.notify_if_slow(&patience.notice, request());
            let error = match tokio::time::timeout(patience.limit, answer).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => self.address.refusal(doing, error),
                Err(_) => self.address.timed_out(doing),
            };
            let electing = matches!(error, EngineError::NoLeader { .. });
            if !electing || started.elapsed() >= ELECTION {
                return Err(error);
            }
            self.notify_once(
                "the swarm has no leader that answers; waiting for its managers to elect one",
            );
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
    }

    /// Waits for the response, and tells the user if that takes long.
    async fn notify_if_slow<T>(&self, notice: &str, answer: impl Future<Output = T>) -> T {
        let mut answer = std::pin::pin!(answer);
        match tokio::time::timeout(self.timeout / SLOW, &mut answer).await {
            Ok(answer) => answer,
            Err(_) => {
                self.notify_once(notice);
                answer.await
            }
        }
    }

    fn notify_once(&self, why: &str) {
        if !self.noticed.replace(true) {
            (self.notice)(why);
        }
    }
}

/// Sends `request` to a path with this API version, which bollard leaves out, or to the path `listing` if there is one.
fn at_path(
    mut request: BollardRequest,
    version: &ClientVersion,
    listing: Option<&str>,
) -> BollardRequest {
    let address = request.uri().to_string();
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let start = address.len() - path.len();
    let path = listing.map_or_else(|| path.to_owned(), |listing| format!("/{listing}"));
    *request.uri_mut() = format!("{}/v{version}{path}", &address[..start])
        .parse()
        .expect("because a path without special characters makes a valid address");
    request
}
