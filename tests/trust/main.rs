//! Attacks by people who can push to a repository. Each is a push from a real second clone, and must gain nothing.

#[path = "../harness/mod.rs"]
mod harness;
mod lab;
mod scene;
mod team;

mod claimed_names;
mod encodings;
mod first_use;
mod followed;
mod git_crypt_users;
mod holders;
mod line_ends;
mod not_attested;
mod other_places;
mod planted_files;
mod published_content;
mod pushed_keys;
mod rotated_away;
mod rotation;
mod secret_variables;
mod steering_names;
mod stored_keys;
mod taken_away;
mod thrown_away;
mod unusable_memory;
