//! Writes results to standard output, and messages to standard error.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use super::board::{Board, SharedLines};
use super::names;
use super::visible::visible;
use crate::failure::Failure;

/// Writes results and messages, and asks questions.
#[derive(Clone)]
pub(crate) struct Terminal {
    program: &'static str,
    colour: bool,
    /// True if results may be coloured.
    colour_of_results: bool,
    /// The status lines at the bottom of the terminal. Other output is written above them.
    board: Arc<SharedLines>,
}

/// A colour of a result.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Colour {
    /// For something that is created.
    Green,
    /// For something that is changed.
    Yellow,
    /// For something that is removed.
    Red,
}

impl Terminal {
    /// A terminal whose messages begin with the name `program`. Messages are coloured if standard error is a terminal and
    /// `no_colour` (the `NO_COLOR` convention) is false.
    pub(crate) fn new(program: &'static str, no_colour: bool) -> Self {
        let colour = io::stderr().is_terminal() && !no_colour;
        let board = Arc::default();
        Self {
            program,
            colour,
            colour_of_results: io::stdout().is_terminal() && !no_colour,
            board,
        }
    }

    /// The name the program was called by: `hs-secrets` or `git-crypt`.
    pub(crate) fn program(&self) -> &'static str {
        self.program
    }

    /// Writes a line of the result to standard output. It stays one line even if a name in it contains a line break.
    pub(crate) fn line(&self, text: impl Display) -> Result<(), Failure> {
        self.bytes(format!("{}\n", visible(&text.to_string())).as_bytes())
    }

    /// Writes a line of the result whose first word has this colour, if results are coloured.
    pub(crate) fn coloured_line(
        &self,
        colour: Colour,
        word: &str,
        rest: &str,
    ) -> Result<(), Failure> {
        if !self.colour_of_results {
            return self.line(format_args!("{word} {rest}"));
        }
        let code = match colour {
            Colour::Green => "32",
            Colour::Yellow => "33",
            Colour::Red => "31",
        };
        let (word, rest) = (visible(word), visible(rest));
        self.bytes(format!("\x1b[{code}m{word}\x1b[0m {rest}\n").as_bytes())
    }

    /// The name of a file as a part of the result. It is unchanged if standard output is read by a program. On a terminal it
    /// is quoted if it has characters that the terminal would not show as they are.
    pub(crate) fn name<'name>(&self, name: &'name [u8]) -> Cow<'name, [u8]> {
        if io::stdout().is_terminal() {
            names::quoted(name)
        } else {
            Cow::Borrowed(name)
        }
    }

    /// Writes bytes of the result to standard output, unchanged. Names of files in them must go through [`Terminal::name`].
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let board = self.board.lock();
        board.take_away(&mut io::stderr());
        let written = io::stdout().write_all(bytes).map_err(Failure::output);
        board.put_back(&mut io::stderr());
        written
    }

    /// Writes a JSON document as the result to standard output.
    pub(crate) fn json(&self, document: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(document).expect("listings have string keys");
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Writes a table as the result to standard output: one line for each row, columns aligned.
    pub(crate) fn table(&self, head: &[&str], rows: Vec<Vec<String>>) -> Result<(), Failure> {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        let cells = |row: Vec<String>| row.into_iter().map(|cell| visible(&cell).into_owned());
        table
            .set_header(head.to_vec())
            .add_rows(rows.into_iter().map(cells));
        if let Some(first) = table.column_mut(0) {
            first.set_padding((0, 1));
        }
        self.bytes(format!("{}\n", table.trim_fmt()).as_bytes())
    }

    /// Tells the user what was done or is going on.
    pub(crate) fn info(&self, text: impl Display) {
        self.message("", text);
    }

    /// Warns the user of something. The command continues.
    pub(crate) fn warning(&self, text: impl Display) {
        self.message(&self.painted("33", "warning: "), text);
    }

    /// Tells the user what to do next.
    pub(crate) fn hint(&self, text: impl Display) {
        self.message(&self.painted("36", "hint: "), text);
    }

    /// Tells the user why the command failed.
    pub(crate) fn error(&self, text: impl Display) {
        self.message(&self.painted("31", "error: "), text);
    }

    /// A few lines on standard error that can be updated in place. `None` if standard error is not a terminal that can do
    /// that.
    pub(crate) fn board(&self) -> Option<Board<'_>> {
        let dumb = std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        (io::stderr().is_terminal() && !dumb).then(|| Board::of(&self.board))
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{colour};1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn message(&self, kind: &str, text: impl Display) {
        // An error in writing to standard error can't be reported anywhere.
        let text = text.to_string();
        let board = self.board.lock();
        board.take_away(&mut io::stderr());
        let _ = writeln!(io::stderr(), "{}: {kind}{}", self.program, visible(&text));
        board.put_back(&mut io::stderr());
    }
}
