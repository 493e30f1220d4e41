//! The command line, a file a verb, in a sandbox.

#[path = "../harness/mod.rs"]
mod harness;

mod encryption;
mod env;
mod render;
mod stack_content;
