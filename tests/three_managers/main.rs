//! A Swarm that loses its leader in the middle of the work: a matrix, `tests/run.sh --all`.

#[path = "../harness/mod.rs"]
mod harness;

mod deploy;
mod sync;
