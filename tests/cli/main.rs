//! The command line, a file a verb, in a sandbox.

#[path = "../harness/mod.rs"]
mod harness;

mod age_users;
mod as_git_crypt;
mod encryption;
mod env;
mod gpg_users;
mod interruption;
mod key_forms;
mod render;
mod stack_content;
mod status;
mod status_lines;
mod whole_life;
mod work_trees;
