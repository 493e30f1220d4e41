//! A real Docker daemon: the connection, and the requests.

mod connection;
mod deployments;
mod networks;
mod objects;

pub use connection::DockerEngine;
