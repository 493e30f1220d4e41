//! How Git is to call this program, and which other one it may go on calling.

use std::path::{Path, PathBuf};

use crate::format::KeyName;

/// How Git's shell is to call this program: its name or absolute path, quoted.
#[derive(Debug, Clone)]
pub struct FilterProgram {
    word: String,
    /// Where to look for another program that is configured already and stays.
    kept_from: Option<Vec<PathBuf>>,
}

impl FilterProgram {
    /// The program at `path`, or, where that has one part only, wherever `PATH` finds it.
    pub fn new(path: &Path) -> Self {
        let mut quoted = String::from("\"");
        for letter in path.to_string_lossy().chars() {
            if "\"\\$`".contains(letter) {
                quoted.push('\\');
            }
            quoted.push(letter);
        }
        quoted.push('"');
        Self {
            word: quoted,
            kept_from: None,
        }
    }

    /// Leaves a filter that is configured already to its program, if that is found by its path or in `directories`.
    #[must_use]
    pub fn beside_another(mut self, directories: impl IntoIterator<Item = PathBuf>) -> Self {
        self.kept_from = Some(directories.into_iter().collect());
        self
    }

    /// The word that a shell reads.
    pub fn as_str(&self) -> &str {
        &self.word
    }

    /// True where `command`, the clean filter of `key`, is that of another program which works and is not to be taken over.
    pub(super) fn keeps(&self, command: &str, key: &KeyName) -> bool {
        let Some(directories) = &self.kept_from else {
            return false;
        };
        // As git-crypt writes it, its name or path in quotation marks; or as people do, without.
        let word = match command.strip_prefix('"') {
            Some(rest) => rest.split('"').next(),
            None => command.split_whitespace().next(),
        };
        let program = Path::new(word.unwrap_or_default());
        // Another place of this program is none of another's.
        let is_another = program.file_stem().is_some_and(|name| name != "hs-secrets");
        let found = match program.components().count() {
            1 => directories
                .iter()
                .any(|directory| directory.join(program).is_file()),
            _ => program.is_file(),
        };
        is_another && found && command != self.command("clean", key)
    }

    pub(super) fn command(&self, verb: &str, key: &KeyName) -> String {
        match key.name() {
            None => format!("{} {verb}", self.word),
            Some(name) => format!("{} {verb} --key-name={name}", self.word),
        }
    }

    pub(super) fn merge_command(&self, key: &KeyName) -> String {
        format!("{} -- %O %A %B %L %P %S %X %Y", self.command("merge", key))
    }
}
