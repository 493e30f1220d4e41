//! YAML as a tree whose nodes know their byte ranges, so that rendering can change single nodes and nothing else.
//!
//! `composer` builds `node`s from the parser's events. [`YamlDocument`] is the tree, which resolves merge keys. `flow`
//! writes a part of it in flow style.

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
