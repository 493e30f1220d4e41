//! How Git calls this program as a filter, and whether it may keep calling another one.

use std::path::Path;

use super::configured_filter::{SearchPath, program_of};
use super::driver::Driver;
use crate::format::KeyName;

/// How Git's shell calls this program: its name or absolute path, quoted.
#[derive(Debug, Clone)]
pub(crate) struct FilterProgram {
    word: String,
    search_path: SearchPath,
    leaves_others: bool,
}

impl FilterProgram {
    /// The program at `path`. A path of one part is a name that the shell searches for.
    pub(crate) fn new(path: &Path, search_path: SearchPath) -> Self {
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
            search_path,
            leaves_others: false,
        }
    }

    /// Lets another program's filter stay in use if it is configured and works.
    #[must_use]
    pub(crate) fn keeping_working_filters(mut self) -> Self {
        self.leaves_others = true;
        self
    }

    /// The quoted name or path for a shell.
    pub(crate) fn as_str(&self) -> &str {
        &self.word
    }

    /// Where the shell looks for this program and others.
    pub(crate) fn search_path(&self) -> &SearchPath {
        &self.search_path
    }

    /// True if the filter of `before`, the drivers of `key`, stays in use: it belongs to another program, works, and is
    /// not to be replaced.
    pub(in crate::repository) fn keeps(&self, before: &Driver, key: &KeyName) -> bool {
        let Some(command) = before.clean.as_ref().filter(|_| before.smudge.is_some()) else {
            return false;
        };
        let program = program_of(command);
        let found = program.filter(|program| self.search_path.find(program).is_some());
        // This program at another path does not count as another program.
        let is_another = found
            .is_some_and(|program| program.file_stem().is_some_and(|name| name != "hs-secrets"));
        self.leaves_others
            && is_another
            && *command != self.command("clean", key)
            && before.trouble(&self.search_path).is_none()
    }

    pub(in crate::repository) fn command(&self, verb: &str, key: &KeyName) -> String {
        match key.name() {
            None => format!("{} {verb}", self.word),
            Some(name) => format!("{} {verb} --key-name={name}", self.word),
        }
    }

    pub(in crate::repository) fn merge_command(&self, key: &KeyName) -> String {
        format!("{} -- %O %A %B %L %P %S %X %Y", self.command("merge", key))
    }
}
