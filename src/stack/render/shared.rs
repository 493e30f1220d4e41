//! Keeps the meaning of aliases whose anchored node is edited.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::edit::Edit;
use super::layout::Layout;
use crate::stack::yaml::FlowWriter;

/// The edits to add to `edits`. For each edited node with an anchor, its first remaining alias is replaced by the original
/// node in flow style with the same anchor. The aliases after it then still mean the original. If a node can't be written in
/// flow style, the lines of such nodes are returned instead.
pub(crate) fn keep_originals(
    layout: &Layout<'_>,
    edits: &[Edit],
) -> Result<Vec<Edit>, BTreeSet<usize>> {
    let edited = EditedBytes::of(edits);
    let mut writer = FlowWriter::new(layout.document);
    let mut written = HashSet::new();
    let (mut kept, mut unwritable) = (Vec::new(), BTreeSet::new());
    for (alias, original) in layout.document.aliases() {
        let bytes = &layout.document.node(alias).bytes;
        if edited.overlap(bytes) || written.contains(&original) {
            continue;
        }
        let original_bytes = layout.document.node(original).bytes.clone();
        // Pairs are added at the end of a line, so the rest of the line counts as edited, too.
        let line_end = layout.line_of(original_bytes.end).end;
        if !edited.touch(original_bytes.start..line_end) {
            continue;
        }
        written.insert(original);
        let name = layout.text[bytes.clone()].strip_prefix('*');
        match name.zip(writer.node(original)) {
            Some((name, text)) => kept.push(Edit {
                bytes: bytes.clone(),
                replacement: format!("&{name} {text}"),
            }),
            None => drop(unwritable.insert(layout.document.line(original))),
        }
    }
    if unwritable.is_empty() {
        Ok(kept)
    } else {
        Err(unwritable)
    }
}

/// The byte ranges of edits, sorted.
struct EditedBytes(Vec<Range<usize>>);

impl EditedBytes {
    fn of(edits: &[Edit]) -> Self {
        let mut bytes: Vec<_> = edits.iter().map(|edit| edit.bytes.clone()).collect();
        bytes.sort_by_key(|bytes| (bytes.start, bytes.end));
        Self(bytes)
    }

    /// True if any of `bytes` are edited.
    fn overlap(&self, bytes: &Range<usize>) -> bool {
        let next = self.0.partition_point(|edited| edited.end <= bytes.start);
        let next = self.0.get(next);
        next.is_some_and(|edited| edited.start < bytes.end)
    }

    /// True if something is edited or added within `bytes` or at either end.
    fn touch(&self, bytes: Range<usize>) -> bool {
        let next = self.0.partition_point(|edited| edited.end < bytes.start);
        let next = self.0.get(next);
        next.is_some_and(|edited| edited.start <= bytes.end)
    }
}
