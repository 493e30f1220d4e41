//! A stack's files on a real, single-node Swarm.

#[path = "../harness/mod.rs"]
mod harness;

mod connection;
mod daemon;
mod deploy;
mod home_lab;
mod lab;
mod listing;
mod neighbours;
mod networks;
mod prune;
mod sync;
