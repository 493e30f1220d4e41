//! YAML as a tree in which every node knows its bytes, so that rendering can change what it owns, nothing else.

mod composer;
mod document;

pub(super) use document::{Content, Document, DocumentError, NodeId, Pair};
