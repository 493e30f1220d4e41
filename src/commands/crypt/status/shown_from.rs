//! Shows paths relative to the current directory.

use std::path::Path;

use crate::repository::PathBytes;
use crate::terminal::Terminal;

/// Shows paths relative to the current directory, escaped for the terminal.
pub(super) struct ShownFrom<'run> {
    terminal: &'run Terminal,
    /// The parts of the current directory's path below the top of the work tree.
    parts: Vec<Vec<u8>>,
}

impl<'run> ShownFrom<'run> {
    pub(super) fn new(terminal: &'run Terminal, work_tree: &Path, directory: &Path) -> Self {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let below = canonical(directory)
            .strip_prefix(canonical(work_tree))
            .map(Path::to_owned)
            .unwrap_or_default();
        Self {
            terminal,
            parts: below
                .iter()
                .map(|part| part.as_encoded_bytes().to_vec())
                .collect(),
        }
    }

    pub(super) fn show(&self, path: &PathBytes) -> Vec<u8> {
        let parts: Vec<&[u8]> = path.as_bytes().split(|&byte| byte == b'/').collect();
        let shared = self
            .parts
            .iter()
            .zip(&parts)
            .take_while(|(own, part)| own.as_slice() == **part)
            .count();
        let mut shown = b"../".repeat(self.parts.len() - shared);
        shown.extend(parts[shared..].join(&b'/'));
        self.terminal.name(&shown).into_owned()
    }
}
