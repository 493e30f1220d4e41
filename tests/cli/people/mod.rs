//! Collaborators who share a key, and how its rotation affects them.

mod age_users;
mod disturbed;
mod gpg_users;
mod rotate_key;
mod rotated_collaborators;
mod rotated_elsewhere;
