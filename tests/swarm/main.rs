//! A stack's files on a real, single-node Swarm.

#[path = "../harness/mod.rs"]
mod harness;

mod daemon;
mod lab;
mod listing;
mod neighbours;
mod prune;
mod sync;
