//! What Git has: blobs, trees, the index, the attributes of paths.

pub(super) mod attribute_reader;
pub(super) mod attributes;
pub(super) mod blobs;
pub(super) mod commit_folders;
pub(super) mod index;
pub(super) mod index_file;
pub(super) mod outside_attributes;
pub(super) mod partial_clone;
pub(super) mod revision;
pub(super) mod stored_form;
pub(super) mod tree_attributes;
