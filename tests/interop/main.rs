//! hs-secrets and the real git-crypt on the same content and the same repositories.

#[path = "../harness/mod.rs"]
mod harness;

mod differential;
mod formats;
mod git_commands;
mod index_readings;
mod other_clients;
mod quadrants;
mod temporary_files;
mod vectors;
