//! The objects in a repository: blobs, trees, and commits by their names.

pub(super) mod added_lines;
pub(super) mod blobs;
pub(super) mod commit_folders;
pub(super) mod files_below;
pub(super) mod id;
pub(super) mod long_blobs;
pub(super) mod partial_clone;
pub(super) mod references;
pub(super) mod revision;
