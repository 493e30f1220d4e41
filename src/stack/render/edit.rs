//! Edits of a stack file's text.

use std::ops::Range;

/// A replacement for some bytes.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) bytes: Range<usize>,
    pub(crate) replacement: String,
}

/// Why a stack file can't be rendered.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) line: usize,
    pub(crate) reason: &'static str,
}

/// The text with all edits made.
pub(crate) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.bytes.start, edit.bytes.end));
    let mut result = String::with_capacity(text.len() * 2);
    let mut done = 0;
    for Edit { bytes, replacement } in edits {
        result.push_str(&text[done..bytes.start.max(done)]);
        result.push_str(replacement);
        done = bytes.end.max(done);
    }
    result.push_str(&text[done..]);
    // If the original has no line ending after its last line, the result has none either.
    if !text.ends_with('\n') && result.ends_with('\n') {
        result.pop();
        result.truncate(result.strip_suffix('\r').unwrap_or(&result).len());
    }
    result
}
