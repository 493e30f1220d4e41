//! Splits a long text into overlapping windows. Each finding is complete in the window in which it begins, with the text before it.

use std::ops::Range;

use super::lines::Lines;

/// The lengths of windows in bytes.
#[derive(Clone, Copy)]
pub(super) struct WindowLengths {
    /// How many bytes are held at once.
    pub(super) held: usize,
    /// How far a window reaches back before its own part.
    pub(super) behind: usize,
    /// How far a window reaches ahead behind its own part.
    pub(super) ahead: usize,
}

/// A window of a text.
pub(super) struct Window {
    lengths: WindowLengths,
    held: Vec<u8>,
    /// The part that belongs to this window alone: the findings that begin here are reported by this window.
    own: Range<usize>,
    /// The line and column at which the held bytes begin.
    origin: (usize, usize),
    has_ended: bool,
}

impl Window {
    /// The first window. `held` is the beginning of the text: `lengths.held` bytes of it, or all if `has_ended`.
    pub(super) fn first(lengths: WindowLengths, held: Vec<u8>, has_ended: bool) -> Self {
        let own = own_part(lengths, &held, 0, has_ended);
        Self {
            lengths,
            held,
            own,
            origin: (1, 1),
            has_ended,
        }
    }

    /// All bytes that are held, including the overlaps.
    pub(super) fn held(&self) -> &[u8] {
        &self.held
    }

    /// The part in which a finding must begin to be reported by this window.
    pub(super) fn own(&self) -> Range<usize> {
        self.own.clone()
    }

    /// The line and column at which the held bytes begin.
    pub(super) fn origin(&self) -> (usize, usize) {
        self.origin
    }

    /// True if this window reaches the end of the text.
    pub(super) fn is_last(&self) -> bool {
        self.has_ended
    }

    /// Goes on to the next window. `read` fills the buffer up to the given length, and returns true if the text has ended.
    pub(super) fn advance<E>(
        &mut self,
        read: impl FnOnce(usize, &mut Vec<u8>) -> Result<bool, E>,
    ) -> Result<(), E> {
        let next = self.own.end.saturating_sub(self.lengths.behind);
        self.origin = Lines::new(&self.held, self.origin).position(next);
        self.held.drain(..next);
        let from = self.own.end - next;
        self.has_ended = read(self.lengths.held, &mut self.held)?;
        self.own = own_part(self.lengths, &self.held, from, self.has_ended);
        Ok(())
    }
}

/// The part from `from` to the last line end that has enough bytes held after it.
fn own_part(lengths: WindowLengths, held: &[u8], from: usize, has_ended: bool) -> Range<usize> {
    if has_ended {
        return from..held.len();
    }
    let to = held.len() - lengths.ahead;
    let last = held[from..to].iter().rposition(|&byte| byte == b'\n');
    from..last.map_or(to, |last| from + last + 1)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io::Read;

    use super::*;
    use crate::leaks::scan::{Scanner, TextKind};

    const LENGTHS: WindowLengths = WindowLengths {
        held: 512,
        behind: 128,
        ahead: 128,
    };

    /// Fills `held` up to `length` bytes; returns true if `text` has ended.
    fn read(text: &mut &[u8], length: usize, held: &mut Vec<u8>) -> bool {
        let missing = (length - held.len()) as u64;
        text.by_ref()
            .take(missing)
            .read_to_end(held)
            .expect("memory");
        text.is_empty()
    }

    /// The line, the column and the length of each finding, and how many windows there were.
    fn found_in_windows(scanner: &Scanner, mut text: &[u8]) -> (Vec<(usize, usize, usize)>, usize) {
        let kind = TextKind {
            is_binary: false,
            path: b"app.conf",
        };
        let mut held = Vec::new();
        let has_ended = read(&mut text, LENGTHS.held, &mut held);
        let mut window = Window::first(LENGTHS, held, has_ended);
        let (mut places, mut windows) = (Vec::new(), 1);
        loop {
            let mut found = scanner.look_at_part(window.held(), kind);
            found.keep_from(window.own());
            let mut lines = Lines::new(window.held(), window.origin());
            places.extend(found.hits.iter().map(|hit| {
                let (line, column) = lines.position(hit.start);
                (line, column, hit.end - hit.start)
            }));
            if window.is_last() {
                return (places, windows);
            }
            let advanced: Result<(), Infallible> =
                window.advance(|length, held| Ok(read(&mut text, length, held)));
            advanced.expect("memory");
            windows += 1;
        }
    }

    #[test]
    fn a_secret_across_the_border_of_two_windows_is_found_once_at_its_place() {
        let scanner = Scanner::new(None);
        let value = "kR8vmQ2zLp9xWt4a";
        for before in 0..2 * LENGTHS.held {
            for (filler, end) in [("# nothing\n", "\n"), ("nothing in one line; ", "; ")] {
                let filler: String = filler.chars().cycle().take(before).collect();
                let named = format!("{filler}{end}db_password=");
                let after = format!("{end}# nothing").repeat(80);
                let text = format!("{named}{value}{after}");
                let lines = named.split('\n');
                let column = lines.clone().next_back().map_or(0, str::len) + 1;
                let expected = (lines.count(), column, value.len());
                let (found, windows) = found_in_windows(&scanner, text.as_bytes());
                assert_eq!(found, [expected], "{before}");
                assert!(windows > 2, "{windows}");
            }
        }
    }
}
