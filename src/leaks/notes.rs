//! Remarks that a check makes beside its findings.

use super::checkup::Checkup;
use super::known::known_secrets::CommonValues;
use super::report::finding::printable;
use super::targets::Scope;
use crate::repository::{MAXIMUM_HELD_BLOB, PathBytes};

/// The first word of the remark that a clone is locked.
const LOCKED: &str = "locked: ";

/// The first word of the remark on values that are not looked for everywhere.
const COMMON: &str = "common: ";

/// True for the remark on values that are not looked for everywhere, which holds for every check alike.
pub(crate) fn is_about_common_values(note: &str) -> bool {
    note.starts_with(COMMON)
}

/// True for the remark that a clone is locked.
pub(crate) fn is_about_locked(note: &str) -> bool {
    note.starts_with(LOCKED)
}

impl CommonValues {
    /// A remark on the values that are not looked for everywhere.
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

/// Some values of encrypted files, as the subject of a sentence.
fn counted(number: usize) -> String {
    match number {
        1 => "1 value of an encrypted file is".to_owned(),
        _ => format!("{number} values of encrypted files are"),
    }
}

impl Checkup<'_> {
    /// Remarks that are no findings.
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
        match &self.encrypted.unopened[..] {
            [] => {}
            [path] => notes.push(format!(
                "the key does not open{versions} {}: its values were not looked for",
                printable(path)
            )),
            [path, rest @ ..] => notes.push(format!(
                "the key does not open{versions} {} and {} more files: their values were not looked for",
                printable(path),
                rest.len()
            )),
        }
        notes.extend(self.common.note());
        if submodules > 0 {
            notes.push("submodules are repositories of their own, and were not looked into".into());
        }
        match not_looked_into {
            [] => {}
            [path] => notes.push(format!(
                "{} is packed, and was not looked into as a whole",
                printable(path)
            )),
            [path, rest @ ..] => notes.push(format!(
                "{} and {} more files are packed, and were not looked into as a whole",
                printable(path),
                rest.len()
            )),
        }
        let cut_short = self.cut_short.iter().map(|path| {
            format!(
                "{} holds too many values; `known-secret` looks for the first ones only",
                printable(path)
            )
        });
        notes.extend(cut_short);
        let too_long = self.too_long.iter().map(|path| {
            let length = MAXIMUM_HELD_BLOB >> 20;
            format!(
                "{} has more than {length} MiB; `known-secret` does not look for its values",
                printable(path)
            )
        });
        notes.extend(too_long);
        notes
    }
}
