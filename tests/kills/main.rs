//! Commands that are killed or interrupted at each system call that changes something: a matrix, `tests/run.sh --all`.

#[path = "../harness/mod.rs"]
mod harness;

mod interrupted_collaborators;
mod interrupted_rotation;
mod interruption;
mod memories;
mod rotated_elsewhere;
mod written_whole;
