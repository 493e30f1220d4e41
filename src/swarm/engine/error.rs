//! Why a request to the Docker daemon failed.

use std::path::PathBuf;

use thiserror::Error;

use crate::stack::ObjectKind;

/// A failure between this program and a Docker daemon. No variant contains the content of an object.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum EngineError {
    /// The address is not valid.
    #[error(
        "`{host}` is not the address of a Docker daemon (unix:///path, tcp://host:port, ssh://user@host)"
    )]
    MalformedHost { host: String },

    /// An `ssh://` address that the docker client refuses.
    #[error("`{host}` is not a valid SSH URL: {reason}")]
    MalformedSshHost { host: String, reason: String },

    /// The kind of address is not supported.
    #[error("can't connect to `{host}`: {what} is not supported")]
    UnsupportedHost { host: String, what: &'static str },

    /// The docker client has no context of this name.
    #[error("context \"{name}\": context not found: there is no {}", path.display())]
    NoContext { name: String, path: PathBuf },

    /// A file of the docker client can't be read.
    #[error("can't read {}: {reason}", path.display())]
    ClientFile { path: PathBuf, reason: String },

    /// A certificate or key can't be used.
    #[error("can't use {} for TLS: {reason}", path.display())]
    TlsFile { path: PathBuf, reason: String },

    /// The address requires TLS, but no certificates are configured.
    #[error("can't connect to `{host}`: no certificates are set up for TLS")]
    NoTlsFiles { host: String },

    /// TLS is configured without verifying the daemon's certificate. Secrets would be sent to anybody who answers.
    #[error("can't connect to {host}: TLS that does not verify the daemon is not supported")]
    Unverified { host: String },

    /// One side does not accept the other's certificate or TLS version.
    #[error("no TLS connection to the Docker daemon at {host}: {reason}")]
    Tls { host: String, reason: String },

    /// ssh ended without reaching a daemon.
    #[error("can't reach the Docker daemon at {host}: {reason}")]
    Ssh { host: String, reason: String },

    /// No process listens at the address.
    #[error("no Docker daemon answers at {host}: {reason}")]
    NotRunning { host: String, reason: String },

    /// The user has no permission to use the socket.
    #[error("permission denied on the Docker socket {host}")]
    PermissionDenied { host: String },

    /// The API of the engine is older than that of Docker 20.10.
    #[error(
        "the Docker daemon at {host} speaks API {version}; at least {oldest} (Docker 20.10) is needed"
    )]
    TooOld {
        host: String,
        version: String,
        oldest: String,
    },

    /// The engine is not part of a Swarm, or is a worker.
    #[error("the Docker daemon at {host} is not a swarm manager")]
    NotManager { host: String },

    /// The managers have no majority.
    #[error("{doing} failed: the swarm has no leader that answers ({message})")]
    NoLeader { doing: String, message: String },

    /// The daemon did not respond in time.
    #[error("{doing} failed: the Docker daemon at {host} did not answer within {seconds} s")]
    TimedOut {
        host: String,
        doing: String,
        seconds: u64,
    },

    /// The connection broke after the daemon had answered before.
    #[error("{doing} failed: the Docker daemon at {host} went away ({reason})")]
    Gone {
        host: String,
        doing: String,
        reason: String,
    },

    /// Status 409: another object has the name.
    #[error("{kind} {name} exists already")]
    NameTaken { kind: ObjectKind, name: String },

    /// The object is used by a service.
    #[error("{kind} {name} is in use: {message}")]
    InUse {
        kind: ObjectKind,
        name: String,
        message: String,
    },

    /// Status 404: the object does not exist.
    #[error("{kind} {name} does not exist")]
    NoSuchObject { kind: ObjectKind, name: String },

    /// A service or a container is attached to the network.
    #[error("network {name} is in use: {message}")]
    NetworkInUse { name: String, message: String },

    /// Status 404: the network does not exist.
    #[error("network {name} does not exist")]
    NoSuchNetwork { name: String },

    /// A config has the name of a lock, but is not a lock.
    #[error("config {name} has the name of a lock, and hs-secrets did not make it")]
    NotALock { name: String },

    /// A config has the name of a record, but is not a record.
    #[error(
        "config {name} has the name of a record of deployments, and hs-secrets did not make it"
    )]
    NotARecord { name: String },

    /// The Swarm is locked, because its manager was restarted.
    #[error("the swarm is locked: its manager at {host} needs to be unlocked")]
    SwarmLocked { host: String },

    /// The engine no longer supports an API version that this program knows.
    #[error("the Docker daemon at {host} is too new for this hs-secrets: {message}")]
    TooNew { host: String, message: String },

    /// A proxy in front of the socket, or a plugin, forbids the request.
    #[error("{doing} failed: {host} does not allow it (status {status}{})", message.as_ref().map(|message| format!(": {message}")).unwrap_or_default())]
    Forbidden {
        host: String,
        doing: String,
        status: u16,
        message: Option<String>,
    },

    /// The daemon waits for one of its volume plugins.
    #[error(
        "listing volumes failed: the Docker daemon at {host} waits for one of its volume plugins, which does not answer"
    )]
    VolumePluginHangs { host: String },

    /// Any other error response of the daemon, with its message.
    #[error("{doing} failed: {message} (status {status})")]
    Refused {
        doing: String,
        status: u16,
        message: String,
    },

    /// The daemon's response can't be parsed.
    #[error("{doing} failed: the Docker daemon's answer can't be read ({reason})")]
    Unreadable { doing: String, reason: String },

    /// The operating system has no resources left for a connection.
    #[error("can't start talking to Docker: {reason}")]
    NoRuntime { reason: String },
}
