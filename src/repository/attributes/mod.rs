//! The attributes of paths: which of them Git encrypts, as the work tree says it or a commit alone.

pub(super) mod as_in_index;
pub(super) mod encryption;
pub(super) mod of_tree;
pub(super) mod outside;
pub(super) mod reader;
pub(super) mod view;
