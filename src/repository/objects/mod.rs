//! What Git has: blobs, trees, the index, the attributes of paths.

pub(super) mod attributes;
pub(super) mod blobs;
pub(super) mod encrypted_paths;
pub(super) mod index;
pub(super) mod index_file;
pub(super) mod partial_clone;
pub(super) mod revision;
pub(super) mod stored_form;
