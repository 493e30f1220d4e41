//! Those who share a key, and what a rotation of it means for them.

mod age_users;
mod disturbed;
mod gpg_users;
mod rotate_key;
mod rotated_collaborators;
mod rotated_elsewhere;
