//! Joins base64 text that is wrapped into lines, so that a value is found across a line end.

use std::ops::Range;

use super::joined::Joined;
use crate::format::is_base64;

/// Minimum length of a line: `base64` wraps at 76 characters, PEM at 64.
const SHORTEST_LINE: usize = 40;

/// The stretches of wrapped base64 in `content` that have at least two lines.
pub(super) fn wrapped_base64(content: &[u8]) -> Vec<Joined> {
    let mut all = Vec::new();
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    while start < content.len() {
        if lines.is_empty() {
            let Some(letters) = letters_in_a_row(content, start) else {
                break;
            };
            let before = &content[start..letters];
            let line_end = before.iter().rposition(|&byte| byte == b'\n');
            start += line_end.map_or(0, |end| end + 1);
        }
        let rest = &content[start..];
        let line_end = rest.iter().position(|&byte| byte == b'\n');
        let line = &rest[..line_end.map_or(rest.len(), |end| end + 1)];
        let end = start + line.len();
        let text = line.trim_ascii();
        let indent = line.len() - line.trim_ascii_start().len();
        let here = start + indent..start + indent + text.len();
        start = end;
        let width = lines.first().map(Range::len);
        let goes_on = width.is_some_and(|width| text.len() <= width);
        if !text.is_empty()
            && (goes_on || text.len() >= SHORTEST_LINE)
            && text.iter().copied().all(is_of_either_base64)
        {
            if !goes_on {
                flush(&mut lines, content, &mut all);
            }
            let last = width.is_some_and(|width| text.len() < width);
            lines.push(here);
            if last {
                flush(&mut lines, content, &mut all);
            }
        } else {
            flush(&mut lines, content, &mut all);
        }
    }
    flush(&mut lines, content, &mut all);
    all
}

/// The first place from `start` where as many letters stand in a row as the first line of a stretch has at least.
fn letters_in_a_row(content: &[u8], start: usize) -> Option<usize> {
    let mut place = start;
    loop {
        let row = content.get(place..place + SHORTEST_LINE)?;
        // No row goes across another byte. In most texts there is one near the end of these bytes.
        match row.iter().rposition(|&byte| !is_of_either_base64(byte)) {
            Some(other) => place += other + 1,
            None => return Some(place),
        }
    }
}

fn flush(lines: &mut Vec<Range<usize>>, content: &[u8], all: &mut Vec<Joined>) {
    let lines = std::mem::take(lines);
    if lines.len() > 1 {
        all.push(Joined::of(content, &lines));
    }
}

/// True for a character of standard or URL-safe base64.
fn is_of_either_base64(byte: u8) -> bool {
    is_base64(byte) || b"-_".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_length_are_joined_with_the_shorter_one_behind_them() {
        let line = "QUJD".repeat(19);
        let content = format!("text: some\n  {line}\n  {line}\n  RW5k\nmore text\n{line}\n");
        let joined = wrapped_base64(content.as_bytes());
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].text, format!("{line}{line}RW5k").into_bytes());
        let second = content
            .find(&format!("{line}\n  RW5k"))
            .expect("the second line");
        assert_eq!(joined[0].offset(76), second);
        assert_eq!(joined[0].offset(75), second - 4);
        assert_eq!(&content[joined[0].offset(152)..][..4], "RW5k");
    }

    #[test]
    fn a_stretch_is_found_behind_any_other_text() {
        let line = "QUJD".repeat(10);
        for before in [
            "",
            "x",
            "a few words\n",
            "\n\n",
            "  ",
            "let a = \"",
            &line[1..],
        ] {
            for between in ["\n", "\r\n\t"] {
                let content = format!("{before}\n{line}{between}{line}");
                let joined = wrapped_base64(content.as_bytes());
                assert_eq!(joined.len(), 1, "{content}");
                assert_eq!(joined[0].offset(0), before.len() + 1, "{content}");
            }
        }
    }

    #[test]
    fn prose_and_single_lines_are_left_alone() {
        assert!(wrapped_base64(b"a few words\nand more of them\n").is_empty());
        assert!(wrapped_base64("QUJD".repeat(30).as_bytes()).is_empty());
    }
}
