//! The command line, a file a verb, in a sandbox.

#[path = "../harness/mod.rs"]
mod harness;

mod age_users;
mod as_git_crypt;
mod encryption;
mod env;
mod env_warnings;
mod filter_gone;
mod gpg_users;
mod init;
mod interrupted_rotation;
mod interruption;
mod key_care;
mod key_forms;
mod keys_among_arguments;
mod odd_places;
mod refresh;
mod render;
mod rotate_key;
mod rotated_collaborators;
mod rotated_elsewhere;
mod stack_content;
mod stacks;
mod status;
mod status_lines;
mod whole_life;
mod work_trees;
mod written_whole;
mod wrong_usage;
