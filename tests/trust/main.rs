//! Attacks by people who can push to a repository: each is a real second clone that pushes, and must gain nothing.

#[path = "../harness/mod.rs"]
mod harness;
mod scene;
mod team;

mod holders;
mod published_content;
mod rotation;
mod steering_names;
