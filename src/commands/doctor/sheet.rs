//! The screen of `doctor`: one line a topic, then the problems.

use std::fmt::Write as _;

use crate::failure::Failure;
use crate::terminal::visible;

/// Width of the first column.
const NAMES: usize = 12;

/// The topics that were looked at, and the problems in them.
#[derive(Default)]
pub(super) struct Sheet {
    rows: Vec<(&'static str, String)>,
    /// Lines about what is wrong.
    wrong: Vec<String>,
    /// Lines about what could be better.
    notes: Vec<String>,
}

impl Sheet {
    pub(super) fn row(&mut self, name: &'static str, state: impl Into<String>) {
        self.rows.push((name, state.into()));
    }

    /// Adds a problem. The line says how to fix it.
    pub(super) fn wrong(&mut self, line: impl Into<String>) {
        self.wrong.push(line.into());
    }

    /// Adds a possible improvement. The line says how to make it.
    pub(super) fn note(&mut self, line: impl Into<String>) {
        self.notes.push(line.into());
    }

    /// Adds a problem with which another command would fail.
    pub(super) fn failure(&mut self, failure: &Failure) {
        self.wrong.extend(failure.lines().map(str::to_owned));
        let hints = failure.hints().iter();
        self.wrong.extend(hints.map(|hint| format!("    {hint}")));
    }

    pub(super) fn is_well(&self) -> bool {
        self.wrong.is_empty()
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut last = "";
        for (name, state) in &self.rows {
            let shown = if *name == last { "" } else { name };
            let _ = writeln!(text, "{shown:<NAMES$}  {}", visible(state));
            last = name;
        }
        for (heading, lines) in [("Wrong", &self.wrong), ("Could be better", &self.notes)] {
            if !lines.is_empty() {
                let _ = write!(text, "\n{heading}:\n");
            }
            for line in lines {
                let _ = writeln!(text, "  {}", visible(line));
            }
        }
        if self.wrong.is_empty() && self.notes.is_empty() {
            text.push_str("\nAll is well.\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_comes_below_what_was_looked_at() {
        let mut sheet = Sheet::default();
        sheet.row("git", "2.47.1");
        sheet.row("stacks", "web");
        sheet.row("stacks", "dns");
        assert_eq!(
            sheet.text(),
            "git           2.47.1\nstacks        web\n              dns\n\nAll is well.\n"
        );
        sheet.note("a hook");
        assert!(sheet.is_well());
        sheet.failure(&Failure::new("no key").hint("`unlock`"));
        assert!(!sheet.is_well());
        let text = sheet.text();
        let end = "\nWrong:\n  no key\n      `unlock`\n\nCould be better:\n  a hook\n";
        assert!(text.ends_with(end), "{text}");
    }
}
