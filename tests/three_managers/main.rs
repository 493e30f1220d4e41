//! A Swarm that loses its leader in the middle of the work: a matrix, `tests/run.sh --all`.

#[path = "../harness/mod.rs"]
mod harness;
#[path = "../serve/scene.rs"]
#[allow(dead_code, reason = "the tests of the service use the rest")]
mod scene;
#[path = "../serve/web_client.rs"]
#[allow(dead_code, reason = "the tests of the service use the rest")]
mod web_client;

mod deploy;
mod serve;
mod sync;
