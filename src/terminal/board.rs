//! A few lines at the bottom of the terminal that are written anew.

use std::io::{self, Write};

use super::{Terminal, visible};

/// Columns and rows assumed when the terminal does not report its size.
const SIZE: (usize, usize) = (80, 24);

/// Lines that are overwritten by those that follow, and gone when it is dropped.
pub(crate) struct Board<'a> {
    pub(super) terminal: &'a Terminal,
}

impl Board<'_> {
    /// Shows these lines in the place of the last ones.
    pub(crate) fn show(&self, lines: &[String]) {
        let lines = fitting(lines, size());
        self.terminal.lock_board().replace(lines, &mut io::stderr());
    }
}

impl Drop for Board<'_> {
    fn drop(&mut self) {
        self.show(&[]);
    }
}

/// The lines that stand on the terminal now.
#[derive(Default)]
pub(super) struct Shown(Vec<String>);

impl Shown {
    /// Makes room for other text.
    pub(super) fn take_away(&self, terminal: &mut impl Write) {
        if !self.0.is_empty() {
            // To the first line, and away with everything below (ECMA-48: CPL, ED).
            write(terminal, &format!("\x1b[{}F\x1b[J", self.0.len()));
        }
    }

    /// The lines again, below that text.
    pub(super) fn put_back(&self, terminal: &mut impl Write) {
        if !self.0.is_empty() {
            write(terminal, &(self.0.join("\n") + "\n"));
        }
    }

    fn replace(&mut self, lines: Vec<String>, terminal: &mut impl Write) {
        if lines == self.0 {
            return;
        }
        let mut text = match self.0.len() {
            0 => String::new(),
            count => format!("\x1b[{count}F"),
        };
        // Each line is overwritten and its rest cleared (EL): nothing is ever blank in between.
        text.extend(lines.iter().map(|line| format!("{line}\x1b[K\n")));
        if lines.len() < self.0.len() {
            text += "\x1b[J";
        }
        write(terminal, &text);
        self.0 = lines;
    }
}

/// Writes in one piece. Nothing can be said about a terminal that can't be written.
fn write(terminal: &mut impl Write, text: &str) {
    let _ = terminal.write_all(text.as_bytes());
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok();
    let told = size.map(|size| (size.ws_col.into(), size.ws_row.into()));
    told.filter(|(columns, rows)| *columns > 0 && *rows > 0)
        .unwrap_or(SIZE)
}

/// As many lines as there is room for. None of them wraps, since the cursor would not find its way back.
fn fitting(lines: &[String], (columns, rows): (usize, usize)) -> Vec<String> {
    // The line below them is the cursor's.
    let room = rows.saturating_sub(1).max(1);
    let cut = |line: &String| {
        let mut left = columns.saturating_sub(1);
        let fits = |letter: &char| {
            // Two columns for whatever may take two.
            let width = if letter.is_ascii() { 1 } else { 2 };
            let fits = width <= left;
            left = left.saturating_sub(width);
            fits
        };
        visible(line).chars().take_while(fits).collect()
    };
    if lines.len() <= room {
        return lines.iter().map(cut).collect();
    }
    let more = format!("and {} more", lines.len() - (room - 1));
    let first = lines.iter().take(room - 1);
    first.chain([&more]).map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn lines_neither_wrap_nor_leave_the_screen() {
        let long = lines(&["0123456789", "ab", "日本語日本語", "a\tb"]);
        assert_eq!(
            fitting(&long, (8, 9)),
            lines(&["0123456", "ab", "日本語", "a\\tb"])
        );
        assert_eq!(
            fitting(&long, (80, 4)),
            lines(&["0123456789", "ab", "and 2 more"])
        );
        assert_eq!(fitting(&long, (80, 5)).len(), 4);
        assert_eq!(fitting(&long, (80, 1)), lines(&["and 4 more"]));
    }

    #[test]
    fn lines_are_overwritten_and_other_text_goes_above() {
        let mut shown = Shown::default();
        let mut terminal = Vec::new();
        shown.replace(lines(&["one", "two"]), &mut terminal);
        shown.replace(lines(&["one", "two"]), &mut terminal);
        shown.replace(lines(&["three"]), &mut terminal);
        shown.take_away(&mut terminal);
        terminal.extend(b"said\n");
        shown.put_back(&mut terminal);
        shown.replace(Vec::new(), &mut terminal);
        shown.take_away(&mut terminal);
        let expected = "one\x1b[K\ntwo\x1b[K\n\x1b[2Fthree\x1b[K\n\x1b[J\x1b[1F\x1b[Jsaid\nthree\n\x1b[1F\x1b[J";
        assert_eq!(String::from_utf8_lossy(&terminal), expected);
    }
}
