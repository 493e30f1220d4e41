//! Why the service does not start, or ends.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

use super::clone::FetchError;
use super::http::WebError;
use super::runs::JournalError;
use super::settings::ServiceSettingsError;
use crate::format::KeyFileError;
use crate::swarm::EngineError;

/// Why the service does not start, or ends.
#[derive(Debug, Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Settings(#[from] ServiceSettingsError),
    /// The runs can't be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The folder for clones and runs can't be made.
    #[error("the folder {} can't be used: {source}", path.display())]
    State { path: PathBuf, source: io::Error },
    /// The address is another program's, or is none of this machine.
    #[error("can't listen at {address} (`{setting}`): {source}")]
    Listen {
        setting: &'static str,
        address: SocketAddr,
        source: io::Error,
    },
    /// The system has no threads or events for a server.
    #[error("the server could not be started: {0}")]
    Server(io::Error),
    /// Nobody can be told how runs end.
    #[error("[notify]: {0}")]
    Notify(WebError),
    /// There is no TLS with these files.
    #[error("`tls-cert-file`, `tls-key-file`: {0}")]
    Certificate(String),
    /// Nobody is where deliveries are to be handed on to.
    #[error("the updater at {host} (`forward`) can't be reached: {reason}")]
    Updater { host: String, reason: String },
    /// The daemon can't deploy.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A remote can't be asked.
    #[error("[repositories.{repository}]: {source}")]
    Remote {
        repository: String,
        source: FetchError,
    },
    /// The file with the key holds none.
    #[error("[repositories.{repository}]: {}: {source}", path.display())]
    Key {
        repository: String,
        path: PathBuf,
        source: KeyFileError,
    },
    /// A remote does not have the branch.
    #[error("[repositories.{repository}]: the remote has no branch {branch}")]
    NoBranch { repository: String, branch: String },
    /// Several problems, found at once.
    #[error("{}", problems.iter().map(Self::to_string).collect::<Vec<_>>().join("; "))]
    Several {
        /// Each of them.
        problems: Vec<ServeError>,
    },
}

impl ServeError {
    /// True if another program listens at the address already.
    pub(crate) fn is_address_in_use(&self) -> bool {
        matches!(self, Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
    }

    /// All of these at once; no error if there is none.
    pub(crate) fn all_of(mut problems: Vec<Self>) -> Result<(), Self> {
        match problems.len() {
            0 => Ok(()),
            1 => Err(problems.remove(0)),
            _ => Err(Self::Several { problems }),
        }
    }
}
