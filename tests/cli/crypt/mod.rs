//! Locking and unlocking a repository: its keys, filters and status.

mod as_git_crypt;
mod encryption;
mod filter_gone;
mod formats;
mod init;
mod key_care;
mod key_forms;
mod odd_places;
mod opened_in_place;
mod ownership;
mod partial_clones;
mod post_checkout;
mod refresh;
mod status;
mod status_lines;
mod whole_life;
mod work_trees;
