//! A stack's files on a real, single-node Swarm.

#[path = "../harness/mod.rs"]
mod harness;

mod connection;
mod daemon;
mod lab;
mod listing;
mod prune;
mod sync;
