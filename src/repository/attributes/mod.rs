//! The attributes of paths, which decide what Git encrypts: those of the work tree, or of one commit alone.

pub(super) mod as_in_index;
pub(super) mod encryption;
pub(super) mod of_tree;
pub(super) mod outside;
pub(super) mod reader;
mod temporary_folder;
pub(super) mod view;
