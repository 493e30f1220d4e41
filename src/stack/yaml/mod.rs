//! YAML as a tree in which every node knows its bytes, so that rendering can change what it owns, nothing else.
//!
//! `composer` makes `node`s of the parser's events; [`YamlDocument`] is the tree, with its merge keys; `flow` writes a part of it
//! anew.

mod composer;
mod document;
mod error;
mod flow;
mod node;
mod scalar;

#[cfg(test)]
pub(super) use document::PARSES;
pub(super) use document::{Pair, YamlDocument};
pub(super) use error::DocumentError;
pub(super) use flow::{FlowWriter, double_quoted};
pub(super) use node::{Content, NodeId};
pub(super) use scalar::is_plain_string;
