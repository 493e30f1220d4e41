//! A real Docker daemon: the connection, and what is asked over it.

mod connection;
mod deployments;
mod networks;
mod objects;

pub use connection::DockerEngine;
