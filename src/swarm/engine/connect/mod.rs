//! The way to a Docker daemon: its address, the connection over a socket, TLS or ssh, and the meaning of failures.

mod client_settings;
mod endpoint;
mod refusal;
mod ssh;
mod tls;
mod transport;

pub use endpoint::Endpoint;
pub(crate) use refusal::{Address, tells_use};
