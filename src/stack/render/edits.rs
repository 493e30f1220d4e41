//! The bytes of a stack file that change when it is rendered: those of its managed entries, no others.

use std::ops::Range;

use super::rendered::Expected;
use crate::stack::object_kind::ObjectKind;
use crate::stack::yaml::{Content, Document, NodeId, Pair};

/// Other text for some bytes of a stack file.
pub(crate) struct Edit {
    pub(crate) bytes: Range<usize>,
    pub(crate) replacement: String,
}

/// A stack file that can't be rendered as it is written.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) line: usize,
    pub(crate) reason: &'static str,
}

/// What makes every managed entry external, under the name that is expected.
pub(crate) fn edits(
    text: &str,
    document: &Document,
    expected: &Expected<'_>,
) -> Result<Vec<Edit>, Refused> {
    let renderer = Renderer {
        text,
        document,
        line_end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        expected,
    };
    renderer.edits()
}

/// The text with all edits made.
pub(crate) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.bytes.start, edit.bytes.end));
    let mut result = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for Edit { bytes, replacement } in edits {
        result.push_str(&text[done..bytes.start.max(done)]);
        result.push_str(&replacement);
        done = bytes.end.max(done);
    }
    result.push_str(&text[done..]);
    // Where the last line is gone and had no end, the line before it has none now.
    if !text.ends_with('\n') && result.ends_with('\n') {
        result.pop();
        result.truncate(result.strip_suffix('\r').unwrap_or(&result).len());
    }
    result
}

pub(crate) const THROUGH_TOP_LEVEL_MERGE: &str =
    "secrets and configs that come through `<<` at the top level can't be rendered; write them out";

struct Renderer<'a> {
    text: &'a str,
    document: &'a Document,
    line_end: &'static str,
    expected: &'a Expected<'a>,
}

impl Renderer<'_> {
    fn edits(&self) -> Result<Vec<Edit>, Refused> {
        let mut edits = Vec::new();
        let Some(sections) = self.pairs(self.document.root()) else {
            return Ok(edits);
        };
        for kind in ObjectKind::ALL {
            let section = sections
                .iter()
                .find(|section| self.document.key(section.key) == kind.section_key());
            if let Some(section) = section {
                self.section(kind, section, &mut edits)?;
            }
        }
        Ok(edits)
    }

    fn section(
        &self,
        kind: ObjectKind,
        section: &Pair,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Refused> {
        let entries = self.pairs(section.value).unwrap_or_default();
        let managed = |pair: &&Pair| {
            self.expected
                .name(kind, self.document.key(pair.key))
                .is_some()
        };
        if section.merged && entries.iter().any(|pair| managed(&pair)) {
            let line = self.document.line(section.key);
            let reason = THROUGH_TOP_LEVEL_MERGE;
            return Err(Refused { line, reason });
        }
        let section_node = self.document.node(section.value);
        let elsewhere = matches!(section_node.content, Content::Alias(_));
        let mut added = Vec::new();
        for pair in entries.iter().filter(managed) {
            let key = self.document.key(pair.key);
            let name = self
                .expected
                .name(kind, key)
                .expect("only managed entries are left");
            if elsewhere || pair.merged {
                added.push(format!("{key:?}: {}", self.flow(name)));
            } else {
                self.entry(pair.value, name, edits);
            }
        }
        if added.is_empty() {
            return Ok(());
        }
        match &section_node.content {
            // Explicit entries win over those that come through `<<`.
            Content::Mapping { pairs, flow } => {
                let merge = pairs.iter().find(|(key, _)| self.document.is_merge(*key));
                let &(key, value) = merge.expect("merged entries come through `<<`");
                edits.push(self.insertion(key, value, *flow, &added));
            }
            _ => {
                let alias = &self.text[section_node.bytes.clone()];
                edits.push(Edit {
                    bytes: section_node.bytes.clone(),
                    replacement: format!("{{ <<: {alias}, {} }}", added.join(", ")),
                });
            }
        }
        Ok(())
    }

    /// Entries that overrule those of the merge key before them.
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
            .map(|entry| format!("{}{indent}{entry}", self.line_end));
        Edit {
            bytes: end..end,
            replacement: lines.collect(),
        }
    }

    /// Replaces what an entry says of its own.
    fn entry(&self, value: NodeId, name: &str, edits: &mut Vec<Edit>) {
        let node = self.document.node(value);
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

    /// Puts the new properties in the lines of `file:` and `name:`, so that comments stay, and takes the others away.
    fn block_entry(&self, pairs: &[(NodeId, NodeId)], name: &str, edits: &mut Vec<Edit>) {
        let position = |wanted: &str| {
            pairs
                .iter()
                .position(|(key, _)| self.document.key(*key) == wanted)
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
            let separator = format!("{}{}", self.line_end, self.indent(key));
            edits.push(Edit {
                bytes: self.document.node(key).bytes.start..self.pair_end(key, value),
                replacement: lines.join(&separator),
            });
        }
    }

    /// Takes away the lines of a property, with their line ends.
    fn removal(&self, key: NodeId, value: NodeId) -> Edit {
        let start = self.line_of(self.document.node(key).bytes.start).start;
        let end = self.line_of(self.pair_end(key, value)).end;
        let behind = &self.text[end..];
        let bytes = start
            ..behind
                .find('\n')
                .map_or(self.text.len(), |newline| end + newline + 1);
        Edit {
            bytes,
            replacement: String::new(),
        }
    }

    /// True where every pair begins a line of its own, as `key: value`.
    fn is_plain_block(&self, pairs: &[(NodeId, NodeId)]) -> bool {
        pairs.iter().all(|&(key, _)| {
            let bytes = self.document.node(key).bytes.clone();
            let line = self.line_of(bytes.start);
            let alone = self.text[line.start..bytes.start].trim().is_empty();
            let behind = self.text[bytes.end..line.end.max(bytes.end)].trim_start();
            alone && behind.starts_with(':')
        })
    }

    fn flow(&self, name: &str) -> String {
        let name = quoted(name);
        match self.expected.nested_name {
            true => format!("{{ external: {{ name: {name} }} }}"),
            false => format!("{{ name: {name}, external: true }}"),
        }
    }

    fn pair_end(&self, key: NodeId, value: NodeId) -> usize {
        let (key, value) = (self.document.node(key), self.document.node(value));
        match value.bytes.is_empty() {
            true => key.bytes.end,
            false => value.bytes.end,
        }
    }

    /// The bytes of the line around `offset`, without its end.
    fn line_of(&self, offset: usize) -> Range<usize> {
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

    fn indent(&self, key: NodeId) -> &str {
        let start = self.document.node(key).bytes.start;
        &self.text[self.line_of(start).start..start]
    }

    fn pairs(&self, id: NodeId) -> Option<Vec<Pair>> {
        self.document.pairs(id).ok().flatten()
    }
}

/// Plain where YAML can't take it for anything but a string. Versions alone make names longer than `true` and the like.
fn quoted(name: &str) -> String {
    match name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        true => name.to_owned(),
        false => format!("\"{name}\""),
    }
}
