//! Connects to a Docker daemon: its address, the connection over a socket, TLS or ssh, and the causes of failures.

mod client_settings;
mod endpoint;
mod limited_stream;
mod limits;
mod refusal;
mod ssh;
mod tls;
mod transport;

pub use endpoint::Endpoint;
pub(crate) use limits::RequestLimits;
pub(crate) use refusal::{Address, says_object_is_in_use};
