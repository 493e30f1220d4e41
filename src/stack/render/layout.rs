//! The layout of a stack file: its lines, its indentation, and the places where pairs can be added.

use std::ops::Range;

use super::edit::Edit;
use crate::stack::yaml::{Content, NodeId, Pair, YamlDocument};

/// The text of a stack file, with its parsed document.
pub(crate) struct Layout<'a> {
    pub(crate) text: &'a str,
    pub(crate) document: &'a YamlDocument,
    pub(crate) line_end: &'static str,
}

impl<'a> Layout<'a> {
    pub(crate) fn of(text: &'a str, document: &'a YamlDocument) -> Self {
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self {
            text,
            document,
            line_end,
        }
    }

    pub(crate) fn pairs(&self, id: NodeId) -> Vec<Pair> {
        let pairs = self.document.pairs(id).ok().flatten();
        pairs.unwrap_or_default()
    }

    pub(crate) fn is_alias(&self, id: NodeId) -> bool {
        matches!(self.document.node(id).content, Content::Alias(_))
    }

    /// The edit that adds pairs to a mapping, to override pairs that it has through an alias or `<<`. `None` if nothing is
    /// added, or if the mapping has neither.
    pub(crate) fn overrule(&self, mapping: NodeId, added: &[String]) -> Option<Edit> {
        if added.is_empty() {
            return None;
        }
        let node = self.document.node(mapping);
        match &node.content {
            // A mapping's own pairs override those that come through `<<`.
            Content::Mapping { pairs, flow } => {
                let merge = pairs.iter().find(|(key, _)| self.document.is_merge(*key));
                let &(key, value) = merge?;
                Some(self.insertion(key, value, *flow, added))
            }
            Content::Alias(_) => {
                let alias = &self.text[node.bytes.clone()];
                Some(Edit {
                    bytes: node.bytes.clone(),
                    replacement: format!("{{ <<: {alias}, {} }}", added.join(", ")),
                })
            }
            Content::Scalar(_) | Content::Sequence(_) => None,
        }
    }

    /// Adds pairs after the merge key.
    fn insertion(&self, key: NodeId, value: NodeId, flow: bool, added: &[String]) -> Edit {
        let end = self.pair_end(key, value);
        if flow {
            return Edit {
                bytes: end..end,
                replacement: format!(", {}", added.join(", ")),
            };
        }
        let end = self.line_of(end).end;
        let indent = self.indent(key);
        let lines = added
            .iter()
            .map(|pair| format!("{}{indent}{pair}", self.line_end));
        Edit {
            bytes: end..end,
            replacement: lines.collect(),
        }
    }

    /// The offset at which a pair ends. A pair with an empty value ends with its key.
    pub(crate) fn pair_end(&self, key: NodeId, value: NodeId) -> usize {
        let (key, value) = (self.document.node(key), self.document.node(value));
        if value.bytes.is_empty() {
            key.bytes.end
        } else {
            value.bytes.end
        }
    }

    /// The bytes of the line around `offset`, without its line ending.
    pub(crate) fn line_of(&self, offset: usize) -> Range<usize> {
        let start = self.text[..offset]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let length = self.text[offset..]
            .find('\n')
            .unwrap_or(self.text.len() - offset);
        let end = offset + length;
        let end = end - usize::from(end > offset && self.text[..end].ends_with('\r'));
        start..end
    }

    /// The white space before a key that is the first text in its line.
    pub(crate) fn indent(&self, key: NodeId) -> &'a str {
        let start = self.document.node(key).bytes.start;
        &self.text[self.line_of(start).start..start]
    }
}
