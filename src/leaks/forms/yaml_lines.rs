//! Lines of YAML, related to each other by their indentation.
//!
//! No parser is used: it would refuse many files, and secrets must be found in broken ones, too.

use std::ops::Range;

/// A line of YAML.
#[derive(Clone)]
pub(super) struct YamlLine {
    /// The line without blanks around it and the dash of a list entry.
    pub(super) text: Range<usize>,
    /// Column of the text, from 0.
    pub(super) indent: usize,
    /// True if the line begins an entry of a list.
    is_entry: bool,
}

impl YamlLine {
    /// The line that `place` is in.
    pub(super) fn around(content: &[u8], place: usize) -> Self {
        let before = content[..place].iter().rposition(|&byte| byte == b'\n');
        let start = before.map_or(0, |before| before + 1);
        let behind = content[place..].iter().position(|&byte| byte == b'\n');
        Self::new(
            content,
            start..behind.map_or(content.len(), |behind| place + behind),
        )
    }

    /// The line whose text begins at `place`; `None` if other text stands before it.
    pub(super) fn beginning_at(content: &[u8], place: usize) -> Option<Self> {
        let before = content[..place].iter().rev();
        let mut before = before.skip_while(|byte| b" -\"'".contains(byte));
        matches!(before.next(), None | Some(b'\n')).then(|| Self::around(content, place))
    }

    fn new(content: &[u8], line: Range<usize>) -> Self {
        let blanks = |from: usize| {
            let rest = content[from..line.end].iter();
            from + rest.take_while(|&&byte| byte == b' ').count()
        };
        let mut start = blanks(line.start);
        let is_entry = content[start..line.end].starts_with(b"- ");
        if is_entry {
            start = blanks(start + 2);
        }
        let end = start + content[start..line.end].trim_ascii_end().len();
        Self {
            text: start..end,
            indent: start - line.start,
            is_entry,
        }
    }

    fn is_blank(&self, content: &[u8]) -> bool {
        self.text.is_empty() || content[self.text.start] == b'#'
    }

    /// The text before the colon, without quotes.
    pub(super) fn key<'content>(&self, content: &'content [u8]) -> &'content [u8] {
        let text = &content[self.text.clone()];
        let end = text.iter().position(|&byte| byte == b':');
        unquoted(&text[..end.unwrap_or(0)])
    }

    /// The text after the colon, without quotes or a comment.
    pub(super) fn value<'content>(&self, content: &'content [u8]) -> &'content [u8] {
        &content[self.value_place(content)]
    }

    /// The range of the value, without quotes or a comment; empty if there is no value.
    pub(super) fn value_place(&self, content: &[u8]) -> Range<usize> {
        let text = &content[self.text.clone()];
        let Some(colon) = text.iter().position(|&byte| byte == b':') else {
            return self.text.end..self.text.end;
        };
        let rest = &text[colon + 1..];
        let comment = rest.windows(2).position(|window| window == b" #");
        let value = rest[..comment.unwrap_or(rest.len())].trim_ascii();
        let inner = unquoted(value);
        let lead = rest.len() - rest.trim_ascii_start().len();
        let quote = usize::from(inner.len() < value.len());
        let start = self.text.start + colon + 1 + lead + quote;
        start..start + inner.len()
    }

    /// The lines of the mapping that this line belongs to, within `farthest` bytes of it.
    pub(super) fn mapping(&self, content: &[u8], farthest: usize) -> Vec<Self> {
        let from = self.text.start.saturating_sub(farthest);
        let to = (self.text.end + farthest).min(content.len());
        let belongs = |other: &Self| {
            other.is_blank(content)
                || (other.indent >= self.indent && !content[other.text.clone()].starts_with(b"---"))
        };
        let mut lines = Vec::new();
        let mut end = self.text.start - self.indent;
        let mut is_first = self.is_entry;
        while end > from && !is_first {
            let above = Self::around(content, end - 1);
            if !belongs(&above) {
                break;
            }
            end = above.text.start - above.indent;
            is_first = above.is_entry && above.indent == self.indent;
            lines.push(above);
        }
        lines.reverse();
        lines.push(self.clone());
        let mut start = next_line(content, self.text.end);
        while start < to {
            let below = Self::around(content, start);
            let is_next_entry = below.is_entry && below.indent <= self.indent;
            if !belongs(&below) || is_next_entry {
                break;
            }
            start = next_line(content, below.text.end);
            lines.push(below);
        }
        lines.retain(|line| !line.is_blank(content));
        lines
    }

    /// The next line, if it is indented deeper.
    pub(super) fn first_deeper(&self, content: &[u8]) -> Option<Self> {
        let below = Self::around(content, next_line(content, self.text.end));
        (below.indent > self.indent && !below.text.is_empty()).then_some(below)
    }

    /// The lines below this one that are indented deeper, within `farthest` bytes.
    pub(super) fn deeper(&self, content: &[u8], farthest: usize) -> Vec<Self> {
        let to = (self.text.end + farthest).min(content.len());
        let mut lines = Vec::new();
        let mut start = next_line(content, self.text.end);
        while start < to {
            let below = Self::around(content, start);
            if !below.is_blank(content) {
                if below.indent <= self.indent {
                    break;
                }
                lines.push(below.clone());
            }
            start = next_line(content, below.text.end);
        }
        lines
    }

    /// The range of the text block below this line.
    pub(super) fn block_below(&self, content: &[u8], farthest: usize) -> Option<Range<usize>> {
        let lines = self.deeper(content, farthest);
        Some(lines.first()?.text.start..lines.last()?.text.end)
    }
}

fn unquoted(text: &[u8]) -> &[u8] {
    match text {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => text,
    }
}

fn next_line(content: &[u8], place: usize) -> usize {
    let end = content[place..].iter().position(|&byte| byte == b'\n');
    end.map_or(content.len(), |end| place + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"a:\n  - name: 'x y' # first\n\n    \"key\": |\n      one\n      two\n    b: 1\n  - c: 2\n---\nd: 3\n";

    fn line(text: &str) -> YamlLine {
        let mut windows = TEXT.windows(text.len());
        let place = windows.position(|window| window == text.as_bytes());
        YamlLine::around(TEXT, place.expect("it stands there"))
    }

    #[test]
    fn keys_and_values_are_told_from_quotes_dashes_and_comments() {
        let name = line("name");
        assert_eq!(
            (name.key(TEXT), name.value(TEXT)),
            (&b"name"[..], &b"x y"[..])
        );
        assert_eq!(line("key").key(TEXT), b"key");
        assert_eq!(line("one").value(TEXT), b"");
    }

    #[test]
    fn a_mapping_ends_with_its_entry_and_a_block_with_its_indentation() {
        let keys: Vec<&[u8]> = line("b:")
            .mapping(TEXT, 100)
            .iter()
            .map(|line| line.key(TEXT))
            .collect();
        assert_eq!(keys, [&b"name"[..], b"key", b"", b"", b"b"]);
        let block = line("key").block_below(TEXT, 100).expect("a block");
        assert_eq!(&TEXT[block], b"one\n      two");
        assert_eq!(line("b:").block_below(TEXT, 100), None);
        assert_eq!(line("d:").mapping(TEXT, 100).len(), 1);
    }
}
