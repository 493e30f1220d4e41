//! The command line, a file a verb, in a sandbox.

#[path = "../harness/mod.rs"]
mod harness;

mod encryption;
mod env;
mod interruption;
mod render;
mod stack_content;
mod status;
mod status_lines;
mod whole_life;
mod work_trees;
