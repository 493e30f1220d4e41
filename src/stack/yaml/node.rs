//! A node of a YAML document, with the bytes that it has in the text.

use std::ops::Range;

use super::scalar::Scalar;

/// The position of a [`Node`] in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(pub(crate) usize);

/// A part of the text, with its meaning.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) content: Content,
    /// True if a tag such as `!!str` stands before it.
    pub(crate) tagged: bool,
    /// The line in which it begins, from 1.
    pub(crate) line: usize,
    /// Its bytes, without white space around them. A mapping or sequence in block style ends with its last child, and
    /// begins with its anchor or tag if it has one; one in flow style is its braces or brackets.
    pub(crate) bytes: Range<usize>,
}

/// The kinds of nodes.
#[derive(Debug)]
pub(crate) enum Content {
    /// Text.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<NodeId>),
    /// Keys, which are scalars, and values; in flow style between braces.
    Mapping {
        pairs: Vec<(NodeId, NodeId)>,
        flow: bool,
    },
    /// An alias of a node before it.
    Alias(NodeId),
}
