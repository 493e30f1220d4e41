//! Remarks that a check makes beside its findings.

use super::checkup::Checkup;
use super::report::finding::printable;
use super::targets::Scope;
use crate::repository::MAXIMUM_HELD_BLOB;

/// The first word of the remark that a clone is locked.
const LOCKED: &str = "locked: ";

/// True for the remark that a clone is locked.
pub(crate) fn is_about_locked(note: &str) -> bool {
    note.starts_with(LOCKED)
}

impl Checkup<'_> {
    /// Remarks that are no findings.
    pub(super) fn notes(&self, submodules: usize) -> Vec<String> {
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
        if submodules > 0 {
            notes.push("submodules are repositories of their own, and were not looked into".into());
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
