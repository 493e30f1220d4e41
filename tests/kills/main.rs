//! Commands that are killed or interrupted at each system call that changes something: a matrix, `tests/run.sh --all`.

#[path = "../harness/mod.rs"]
mod harness;
#[path = "../serve/scene.rs"]
#[allow(dead_code, reason = "the tests of the service use the rest")]
mod scene;
#[path = "../serve/web_client.rs"]
#[allow(dead_code, reason = "the tests of the service use the rest")]
mod web_client;

mod interrupted_collaborators;
mod interrupted_rotation;
mod interruption;
mod memories;
mod rotated_elsewhere;
mod service;
mod written_whole;
