//! The command line in a sandbox: a folder for each group of commands, and in it a file for each command or for a topic of several.

#[path = "../harness/mod.rs"]
mod harness;

mod completions;
mod crypt;
mod doctor;
mod file_names;
mod keys_among_arguments;
mod people;
mod planted_links;
mod stacks;
mod wrong_usage;
