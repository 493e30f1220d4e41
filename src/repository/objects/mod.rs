//! The objects that Git has: blobs, trees, commits by their names, with the index.

pub(super) mod added_lines;
pub(super) mod blobs;
pub(super) mod commit_folders;
pub(super) mod files_below;
pub(super) mod index;
pub(super) mod index_file;
pub(super) mod partial_clone;
pub(super) mod revision;
pub(super) mod staged;
pub(super) mod stored_form;
