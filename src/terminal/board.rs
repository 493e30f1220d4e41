//! A few lines at the bottom of the terminal that are updated in place.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::visible::visible;

/// Columns and rows assumed when the terminal does not report its size.
const SIZE: (usize, usize) = (80, 24);

/// Status lines at the bottom of the terminal. New lines replace the old ones, and dropping the board removes them.
pub(crate) struct Board<'a> {
    lines: &'a SharedLines,
}

impl<'a> Board<'a> {
    pub(super) fn of(lines: &'a SharedLines) -> Self {
        Self { lines }
    }

    /// Replaces the lines that are shown.
    pub(crate) fn show(&self, lines: &[String]) {
        let lines = fitting(lines, size());
        self.lines.lock().replace(lines, &mut io::stderr());
    }
}

impl Drop for Board<'_> {
    fn drop(&mut self) {
        self.show(&[]);
    }
}

/// The lines of a board, above which everybody else writes.
#[derive(Default)]
pub(super) struct SharedLines(Mutex<Shown>);

impl SharedLines {
    /// Keeps all others from writing to the terminal.
    pub(super) fn lock(&self) -> MutexGuard<'_, Shown> {
        // If another thread panicked while it held the lock, at worst a few of its lines stay on the terminal.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines that are on the terminal now.
#[derive(Default)]
pub(super) struct Shown(Vec<String>);

impl Shown {
    /// Removes the lines, so that other text can be written.
    pub(super) fn take_away(&self, terminal: &mut impl Write) {
        if !self.0.is_empty() {
            // Move the cursor to the first line and clear everything below (ECMA-48: CPL, ED).
            write(terminal, &format!("\x1b[{}F\x1b[J", self.0.len()));
        }
    }

    /// Writes the lines again, below the other text.
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
        // Overwrite each line and clear the rest of it (EL). No line is blank in between, so the display does not flicker.
        text.extend(lines.iter().map(|line| format!("{line}\x1b[K\n")));
        if lines.len() < self.0.len() {
            text += "\x1b[J";
        }
        write(terminal, &text);
        self.0 = lines;
    }
}

/// Writes the text at once. Errors are ignored: there is no other place to report them.
fn write(terminal: &mut impl Write, text: &str) {
    let _ = terminal.write_all(text.as_bytes());
}

/// The number of columns and rows of the terminal.
fn size() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok();
    let told = size.map(|size| (size.ws_col.into(), size.ws_row.into()));
    told.filter(|(columns, rows)| *columns > 0 && *rows > 0)
        .unwrap_or(SIZE)
}

/// The lines that fit on the terminal, cut to its width. A line that wraps would put the cursor on the wrong line.
fn fitting(lines: &[String], (columns, rows): (usize, usize)) -> Vec<String> {
    // The last row is left for the cursor.
    let room = rows.saturating_sub(1).max(1);
    let cut = |line: &String| {
        let mut left = columns.saturating_sub(1);
        let fits = |letter: &char| {
            // Count two columns for every character that may need two.
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
