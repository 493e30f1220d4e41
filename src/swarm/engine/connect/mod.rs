//! The way to a Docker daemon: where it listens, over a socket, TLS or ssh, and what a failure on that way means.

mod client_settings;
mod endpoint;
mod refusal;
mod ssh;
mod tls;
mod transport;

pub use endpoint::Endpoint;
pub(crate) use refusal::{Address, tells_use};
