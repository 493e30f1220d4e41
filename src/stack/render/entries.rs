//! Rewrites managed secrets and configs as external ones, with their names in the Swarm.

use super::edit::{Edit, Refused};
use super::expected::Expected;
use super::layout::Layout;
use crate::stack::names::ObjectKind;
use crate::stack::yaml::{Content, NodeId, Pair};

pub(crate) const THROUGH_TOP_LEVEL_MERGE: &str =
    "secrets and configs that come through `<<` at the top level can't be rendered; write them out";

/// Adds the edits for one section of entries.
pub(crate) fn edit_entries(
    layout: &Layout<'_>,
    expected: &Expected<'_>,
    kind: ObjectKind,
    section: &Pair,
    edits: &mut Vec<Edit>,
) -> Result<(), Refused> {
    let editor = EntryEditor { layout, expected };
    let is_elsewhere = layout.is_alias(section.value);
    let mut added = Vec::new();
    for pair in layout.pairs(section.value) {
        let key = layout.document.key(pair.key);
        let Some(name) = expected.name(kind, key) else {
            continue;
        };
        if section.merged {
            return Err(Refused {
                line: layout.document.line(section.key),
                reason: THROUGH_TOP_LEVEL_MERGE,
            });
        }
        if is_elsewhere || pair.merged {
            added.push(format!("{key:?}: {}", editor.flow(name)));
        } else {
            editor.entry(pair.value, name, edits);
        }
    }
    edits.extend(layout.overrule(section.value, &added));
    Ok(())
}

struct EntryEditor<'a> {
    layout: &'a Layout<'a>,
    expected: &'a Expected<'a>,
}

impl EntryEditor<'_> {
    /// Adds the edits that replace the properties of an entry.
    fn entry(&self, value: NodeId, name: &str, edits: &mut Vec<Edit>) {
        let node = self.layout.document.node(value);
        match &node.content {
            Content::Mapping { pairs, flow: false } if self.is_plain_block(pairs) => {
                self.block_entry(pairs, name, edits);
            }
            _ => edits.push(Edit {
                bytes: node.bytes.clone(),
                replacement: self.flow(name),
            }),
        }
    }

    /// Puts the new properties into the lines of `file:` and `name:`, so that comments there are kept, and removes the other
    /// properties.
    fn block_entry(&self, pairs: &[(NodeId, NodeId)], name: &str, edits: &mut Vec<Edit>) {
        let layout = self.layout;
        let position = |wanted: &str| {
            pairs
                .iter()
                .position(|(key, _)| layout.document.key(*key) == wanted)
        };
        let name_at = position("name").or(position("file")).unwrap_or(0);
        let external_at = position("file").unwrap_or(name_at);
        for (index, &(key, value)) in pairs.iter().enumerate() {
            let mut lines = Vec::new();
            let name = quoted(name);
            if self.expected.nested_name && index == external_at {
                lines.push(format!("external: {{ name: {name} }}"));
            } else if !self.expected.nested_name && index == name_at {
                lines.push(format!("name: {name}"));
            }
            if !self.expected.nested_name && index == external_at {
                lines.push("external: true".to_owned());
            }
            if lines.is_empty() {
                edits.push(self.removal(key, value));
                continue;
            }
            let separator = format!("{}{}", layout.line_end, layout.indent(key));
            edits.push(Edit {
                bytes: layout.document.node(key).bytes.start..layout.pair_end(key, value),
                replacement: lines.join(&separator),
            });
        }
    }

    /// Removes the lines of a property, with their line endings.
    fn removal(&self, key: NodeId, value: NodeId) -> Edit {
        let layout = self.layout;
        let start = layout.line_of(layout.document.node(key).bytes.start).start;
        let end = layout.line_of(layout.pair_end(key, value)).end;
        let behind = &layout.text[end..];
        let bytes = start
            ..behind
                .find('\n')
                .map_or(layout.text.len(), |newline| end + newline + 1);
        Edit {
            bytes,
            replacement: String::new(),
        }
    }

    /// True if every pair starts on a line of its own, as `key: value`.
    fn is_plain_block(&self, pairs: &[(NodeId, NodeId)]) -> bool {
        let layout = self.layout;
        pairs.iter().all(|&(key, _)| {
            let bytes = layout.document.node(key).bytes.clone();
            let line = layout.line_of(bytes.start);
            let alone = layout.text[line.start..bytes.start].trim().is_empty();
            let behind = layout.text[bytes.end..line.end.max(bytes.end)].trim_start();
            alone && behind.starts_with(':')
        })
    }

    fn flow(&self, name: &str) -> String {
        let name = quoted(name);
        if self.expected.nested_name {
            format!("{{ external: {{ name: {name} }} }}")
        } else {
            format!("{{ name: {name}, external: true }}")
        }
    }
}

/// The name as a YAML scalar, without quotes if it can only be read as a string. A name contains a version, so it is never a
/// word such as `true`.
fn quoted(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}
