//! Remarks that a check makes besides its findings.

use super::checkup::Checkup;
use super::known::known_secrets::CommonValues;
use super::report::finding::printable;
use super::targets::Scope;
use crate::repository::{MAXIMUM_HELD_BLOB, PathBytes};

/// The first word of the remark that a clone is locked.
const LOCKED: &str = "locked: ";

/// The first word of the remark about values that are not searched for everywhere.
const COMMON: &str = "common: ";

/// True for the remark about values that are not searched for everywhere, which does not depend on the scope of the check.
pub(crate) fn is_about_common_values(note: &str) -> bool {
    note.starts_with(COMMON)
}

/// True for the remark that a clone is locked.
pub(crate) fn is_about_locked(note: &str) -> bool {
    note.starts_with(LOCKED)
}

impl CommonValues {
    /// The remark about values that are not searched for everywhere.
    fn note(self) -> Option<String> {
        let under_names = match self.under_names {
            0 => None,
            number => Some(format!(
                "{} not looked for everywhere, but under the names of secrets and in URLs",
                counted(number)
            )),
        };
        let nowhere = match self.nowhere {
            0 => None,
            number => Some(format!(
                "{} not looked for: everybody tries such words, so change them",
                counted(number)
            )),
        };
        let all: Vec<String> = under_names.into_iter().chain(nowhere).collect();
        (!all.is_empty()).then(|| format!("{COMMON}{}", all.join("; ")))
    }
}

/// The number of values, as the subject of a sentence.
fn counted(number: usize) -> String {
    match number {
        1 => "1 value of an encrypted file is".to_owned(),
        _ => format!("{number} values of encrypted files are"),
    }
}

impl Checkup<'_> {
    /// All remarks of this check.
    pub(super) fn notes(&self, submodules: usize, not_looked_into: &[PathBytes]) -> Vec<String> {
        let mut notes = Vec::new();
        if self.encrypted.locked > 0 {
            notes.push(format!(
                "{LOCKED}without the key of {} encrypted files, `known-secret` and `wrong-key` had nothing to go by",
                self.encrypted.locked
            ));
        }
        let versions = match self.scope {
            Scope::History => " versions of",
            _ => "",
        };
        notes.extend(about_files(
            &self.encrypted.unopened,
            &format!("the key does not open{versions} "),
            [
                ": its values were not looked for",
                ": their values were not looked for",
            ],
        ));
        notes.extend(self.common.note());
        if submodules > 0 {
            notes.push("submodules are repositories of their own, and were not looked into".into());
        }
        let length = MAXIMUM_HELD_BLOB >> 20;
        let too_long = format!("more than {length} MiB; `known-secret` does not look for");
        let of_files = [
            about_files(
                not_looked_into,
                "",
                [
                    " is packed, and was not looked into as a whole",
                    " are packed, and were not looked into as a whole",
                ],
            ),
            about_files(
                &self.cut_short,
                "",
                [
                    " holds too many values; `known-secret` looks for the first ones only",
                    " hold too many values; `known-secret` looks for the first ones only",
                ],
            ),
            about_files(
                &self.too_long,
                "",
                [
                    &format!(" has {too_long} its values"),
                    &format!(" have {too_long} their values"),
                ],
            ),
        ];
        notes.extend(of_files.into_iter().flatten());
        notes
    }
}

/// One remark about any number of files. It names the first file, with the text `before` in front of it, and ends with `one`
/// or `several`.
fn about_files(paths: &[PathBytes], before: &str, [one, several]: [&str; 2]) -> Option<String> {
    let (first, rest) = paths.split_first()?;
    let first = printable(first);
    Some(match rest.len() {
        0 => format!("{before}{first}{one}"),
        1 => format!("{before}{first} and 1 more file{several}"),
        more => format!("{before}{first} and {more} more files{several}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_files_there_are_one_remark_counts_them() {
        let paths = ["a", "b", "c"].map(PathBytes::new);
        let told = |number: usize| about_files(&paths[..number], "in ", [" it is", " they are"]);
        assert_eq!(told(0), None);
        assert_eq!(told(1).as_deref(), Some("in a it is"));
        assert_eq!(told(2).as_deref(), Some("in a and 1 more file they are"));
        assert_eq!(told(3).as_deref(), Some("in a and 2 more files they are"));
    }
}
