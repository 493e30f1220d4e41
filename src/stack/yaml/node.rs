//! A node of a YAML document, with its byte range in the text.

use std::ops::Range;

use super::scalar::Scalar;

/// The index of a [`Node`] in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(pub(crate) usize);

/// A node: its content, and where it is in the text.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) content: Content,
    /// True if it has a tag such as `!!str`.
    pub(crate) tagged: bool,
    /// The line in which it begins, from 1.
    pub(crate) line: usize,
    /// Its bytes, without surrounding white space. In block style, a mapping or sequence begins with its anchor or tag if it
    /// has one, and ends with its last child. In flow style it consists of its braces or brackets and everything between.
    pub(crate) bytes: Range<usize>,
}

/// The kinds of nodes.
#[derive(Debug)]
pub(crate) enum Content {
    /// Text.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<NodeId>),
    /// Pairs of a key, which is a scalar, and a value. `flow` is true if they are within braces.
    Mapping {
        pairs: Vec<(NodeId, NodeId)>,
        flow: bool,
    },
    /// An alias of an earlier node.
    Alias(NodeId),
}
