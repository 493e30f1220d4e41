//! A Swarm that loses its leader in the middle of the work.

#[path = "../harness/mod.rs"]
mod harness;

mod deploy;
mod sync;
