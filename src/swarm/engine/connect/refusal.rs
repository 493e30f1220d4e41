//! Finds the cause of a failed request to the daemon.

use std::cell::Cell;
use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use bollard::errors::Error;

use super::limited_stream::ResponseTooLong;
use super::ssh::SshEnded;
use super::{Endpoint, tls};
use crate::swarm::engine::EngineError;

/// Parts of the messages of managers if there is no leader, if the leader was lost during the request, if no majority
/// confirmed the request in 20 s, or if the last leader can't be reached (seen with Docker 20.10 when managers die).
const LEADERLESS: [&str; 5] = [
    "does not have a leader",
    "no elected",
    "lost leader status",
    "code = DeadlineExceeded",
    "code = Unavailable",
];

/// The daemon's address, and whether the daemon has ever answered.
pub(crate) struct Address {
    host: String,
    timeout: Duration,
    reached: Cell<bool>,
}

impl Address {
    pub(crate) fn new(endpoint: &Endpoint, timeout: Duration) -> Self {
        Self {
            host: endpoint.to_string(),
            timeout,
            reached: Cell::new(false),
        }
    }

    /// Notes that the daemon has answered. If it can't be reached later, the error says that it went away.
    pub(crate) fn reached(&self) {
        self.reached.set(true);
    }

    /// Turns bollard's error into the error of this program.
    pub(crate) fn refusal(&self, doing: &str, error: Error) -> EngineError {
        match error {
            Error::DockerResponseServerError {
                status_code,
                message,
            } => self.answer(doing, status_code, &message),
            Error::RequestTimeoutError => self.timed_out(doing),
            Error::SocketNotFoundError(_) => self.unreachable(&io::ErrorKind::NotFound.into()),
            Error::JsonDataError { .. }
            | Error::JsonSerdeError { .. }
            | Error::APIVersionParseError {}
            | Error::StrParseError { .. } => EngineError::Unreadable {
                doing: doing.to_owned(),
                reason: "it is not what the Engine API describes".to_owned(),
            },
            other => match io_cause(&other) {
                Some(error) if is_too_long(error) => EngineError::Unreadable {
                    doing: doing.to_owned(),
                    reason: error.to_string(),
                },
                Some(error) if !self.reached.get() => self.unreachable(error),
                Some(error) => self.gone(doing, error),
                None => self.gone(doing, &innermost(&other)),
            },
        }
    }

    /// Turns the daemon's error response into the error of this program. The message must be read, since the status is not
    /// enough: 503 and 500 stand for a node that is not a manager, a locked Swarm, a missing leader, and other causes.
    fn answer(&self, doing: &str, status: u16, framed: &str) -> EngineError {
        let message = plain(framed).to_owned();
        if message.contains("not a swarm manager") {
            return EngineError::NotManager {
                host: self.host.clone(),
            };
        }
        let host = || self.host.clone();
        if message.contains("needs to be unlocked before") {
            return EngineError::SwarmLocked { host: host() };
        }
        if message.contains("Minimum supported API version") {
            return EngineError::TooNew {
                host: host(),
                message,
            };
        }
        let doing = doing.to_owned();
        let is_page = message.starts_with('<');
        if status == 403 || is_page {
            return EngineError::Forbidden {
                host: host(),
                doing,
                status,
                message: Some(message).filter(|message| !is_page && !message.is_empty()),
            };
        }
        if LEADERLESS.iter().any(|words| framed.contains(words)) {
            return EngineError::NoLeader { doing, message };
        }
        EngineError::Refused {
            doing,
            status,
            message,
        }
    }

    pub(crate) fn timed_out(&self, doing: &str) -> EngineError {
        EngineError::TimedOut {
            host: self.host.clone(),
            doing: doing.to_owned(),
            seconds: self.timeout.as_secs(),
        }
    }

    /// The error for a daemon that has never answered.
    pub(crate) fn unreachable(&self, error: &io::Error) -> EngineError {
        let host = self.host.clone();
        if let Some(reason) = tls::reason_of_tls_error(error) {
            return EngineError::Tls { host, reason };
        }
        if let Some(ended) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<SshEnded>())
        {
            let reason = ended.to_string();
            return EngineError::Ssh { host, reason };
        }
        if error.kind() == io::ErrorKind::PermissionDenied {
            return EngineError::PermissionDenied { host };
        }
        EngineError::NotRunning {
            host,
            reason: reason(error),
        }
    }

    fn gone(&self, doing: &str, reason: &dyn fmt::Display) -> EngineError {
        EngineError::Gone {
            host: self.host.clone(),
            doing: doing.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.host)
    }
}

/// True if the connection was closed because a response was too long.
fn is_too_long(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<ResponseTooLong>())
}

/// True for the message with which the daemon refuses to remove an object that a service uses.
pub(crate) fn says_object_is_in_use(message: &str) -> bool {
    message.contains("is in use by the following service")
}

/// The daemon's message without its gRPC prefix.
fn plain(message: &str) -> &str {
    let message = message.trim();
    match message.strip_prefix("rpc error: code = ") {
        Some(framed) => framed
            .split_once(" desc = ")
            .map_or(message, |(_, inner)| inner),
        None => message,
    }
}

/// The operating system's error inside the errors of bollard, hyper and hyperlocal.
fn io_cause(error: &Error) -> Option<&io::Error> {
    let mut cause = error.source();
    if let Error::IOError { err } = error {
        return Some(err);
    }
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<io::Error>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

fn innermost(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text
}

/// A description of the operating system's error. Frequent ones are described without the error number.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such socket".to_owned(),
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        _ => error.to_string(),
    }
}
