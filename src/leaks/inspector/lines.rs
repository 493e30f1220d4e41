//! Lines and columns of offsets in a text.

/// Counts lines and columns up to the requested offset, reading each byte once.
pub(super) struct Lines<'content> {
    content: &'content [u8],
    offset: usize,
    line: usize,
    column: usize,
}

impl<'content> Lines<'content> {
    /// `origin` is the line and column of the content's first byte.
    pub(super) fn new(content: &'content [u8], (line, column): (usize, usize)) -> Self {
        Self {
            content,
            offset: 0,
            line,
            column,
        }
    }

    /// The line and column (from 1) of `offset`, which must not be smaller than that of the last call.
    pub(super) fn position(&mut self, offset: usize) -> (usize, usize) {
        for &byte in &self.content[self.offset..offset] {
            if byte == b'\n' {
                self.line += 1;
                self.column = 1;
            } else if byte & 0xC0 != 0x80 {
                self.column += 1;
            }
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_from_one_in_characters() {
        let mut lines = Lines::new("a\nbä=c\n".as_bytes(), (1, 1));
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(lines.position(5), (2, 3));
        assert_eq!(lines.position(6), (2, 4));
    }
}
