//! The program that is configured as a filter, and whether Git can run it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::driver::Driver;

/// The directories in which a shell looks for programs (`PATH`).
#[derive(Debug, Clone)]
pub(crate) struct SearchPath(Vec<PathBuf>);

/// Why Git can't run the configured filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilterTrouble {
    /// The program does not exist any more.
    NotFound {
        /// As it is configured.
        program: PathBuf,
    },
    /// The name now belongs to another program, which has no long-running filter process.
    NoProcess {
        /// As it is configured.
        program: PathBuf,
    },
}

impl SearchPath {
    /// `directories` are searched in this order.
    pub(crate) fn new(directories: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(directories.into_iter().collect())
    }

    /// Where the program is; `None` if it is in none of the directories.
    pub(in crate::repository) fn find(&self, program: &Path) -> Option<PathBuf> {
        match program.components().count() {
            1 => {
                let mut places = self.0.iter().map(|directory| directory.join(program));
                places.find(|place| place.is_file())
            }
            _ => program.is_file().then(|| program.to_owned()),
        }
    }
}

impl Driver {
    /// Why Git can't run the configured filter; `None` if nothing is wrong. Commands that only a shell understands are
    /// not checked.
    pub(crate) fn trouble(&self, path: &SearchPath) -> Option<FilterTrouble> {
        // If a process is configured, Git uses it instead of the other commands.
        let commands = match &self.process {
            Some(process) => vec![process],
            None => self.clean.iter().chain(&self.smudge).collect(),
        };
        let programs = commands
            .into_iter()
            .filter_map(|command| program_of(command));
        for program in programs {
            match path.find(&program) {
                None => return Some(FilterTrouble::NotFound { program }),
                Some(found) if self.process.is_some() && !knows_processes(&found) => {
                    return Some(FilterTrouble::NoProcess { program });
                }
                Some(_) => {}
            }
        }
        None
    }
}

impl fmt::Display for FilterTrouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { program } => {
                write!(formatter, "{}, which is not there", program.display())
            }
            Self::NoProcess { program } => write!(
                formatter,
                "{}, which is another program of that name now and has no `filter-process`",
                program.display()
            ),
        }
    }
}

/// The program that a command starts; `None` if only a shell can tell.
pub(in crate::repository) fn program_of(command: &str) -> Option<PathBuf> {
    let mut letters = command.chars();
    let program = match command.strip_prefix('"') {
        None => command.split_whitespace().next()?.to_owned(),
        // Both git-crypt and this program write the path in double quotes.
        Some(_) => {
            letters.next();
            let mut word = String::new();
            loop {
                match letters.next()? {
                    '"' => break word,
                    '\\' => word.push(letters.next()?),
                    '$' | '`' => return None,
                    letter => word.push(letter),
                }
            }
        }
    };
    let quoted = command.starts_with('"');
    let needs_shell = !quoted && program.contains(['$', '~', '=', '\'', '\\', '`', ';', '(', '|']);
    (!needs_shell && !program.is_empty()).then(|| program.into())
}

/// False if `program` is git-crypt, which has no long-running filter process.
fn knows_processes(program: &Path) -> bool {
    let is_git_crypt = program
        .file_stem()
        .is_some_and(|name| name.eq_ignore_ascii_case("git-crypt"));
    let leads_here = || {
        let place = program.canonicalize().ok();
        place.is_some_and(|place| place.file_stem().is_some_and(|name| name == "hs-secrets"))
    };
    // A copy of this program may be called git-crypt, too.
    let has_help = || {
        let mut asked = Command::new(program);
        asked.args(["help", "filter-process"]);
        asked
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        asked.status().is_ok_and(|status| status.success())
    };
    !is_git_crypt || leads_here() || has_help()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_however_it_is_quoted() {
        for (command, program) in [
            ("\"git-crypt\" clean", Some("git-crypt")),
            ("git-crypt clean --key-name=ops", Some("git-crypt")),
            ("\"/opt/a b/git-crypt\" clean", Some("/opt/a b/git-crypt")),
            (r#""/opt/\$5 \"x\"/it" clean"#, Some(r#"/opt/$5 "x"/it"#)),
            ("\"$HOME/bin/it\" clean", None),
            ("~/bin/git-crypt clean", None),
            ("PATH=/opt git-crypt clean", None),
            ("\"unclosed", None),
            ("", None),
        ] {
            assert_eq!(program_of(command), program.map(PathBuf::from), "{command}");
        }
    }
}
