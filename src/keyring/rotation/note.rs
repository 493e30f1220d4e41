//! The note that is written when a rotation begins, for continuing or undoing it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::format::KeyId;
use crate::keyring::trust::Memory;

/// The note that is stored beside the two keys of a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RotationNote {
    /// True if the old key is sealed for those who have the new one.
    pub(super) keeps_history: bool,
    /// This clone's memory before the rotation, as text.
    memory: String,
    /// The Git directory of the work tree in which the rotation began: its index has the staged files. Earlier versions
    /// of this program did not write this.
    #[serde(default)]
    pub(super) git_dir: String,
}

impl RotationNote {
    /// A note with this clone's memory before the rotation.
    pub(super) fn new(keeps_history: bool, memory: &Memory, git_dir: &Path) -> Self {
        Self {
            keeps_history,
            memory: memory.to_text(),
            git_dir: git_dir.to_string_lossy().into_owned(),
        }
    }

    /// The Git directory of the other work tree in which the rotation began. `None` if it began in this one, or if that
    /// work tree is gone.
    pub(super) fn begun_elsewhere(&self, git_dir: &Path) -> Option<PathBuf> {
        let begun = PathBuf::from(&self.git_dir);
        let is_elsewhere = self.git_dir != git_dir.to_string_lossy() && begun.is_dir();
        is_elsewhere.then_some(begun)
    }

    /// Reads a note. `None` if it is empty, as earlier versions of this program leave it, or damaged.
    pub(super) fn parse(text: &str) -> Option<Self> {
        toml::from_str(text).ok()
    }

    pub(super) fn to_text(&self) -> String {
        toml::to_string(self).expect("because a flag and a text can be written as TOML")
    }
}

/// This clone's memory after undoing a rotation from the key `old`.
///
/// It is the memory from before, with two exceptions: exports of the new key are kept, and holders who were removed
/// meanwhile are not accepted again. Holders who were confirmed for this rotation must be confirmed again for the next
/// one.
pub(super) fn memory_undone(note: Option<&RotationNote>, now: Memory, old: KeyId) -> Memory {
    let before = note.and_then(|note| Memory::parse(&note.memory));
    match before.filter(|before| before.key_id == old) {
        Some(mut before) => {
            let mut undone = now.clone();
            undone.undo_succession(old);
            before.former_elsewhere.extend(undone.former_elsewhere);
            before
                .accepted
                .retain(|holder| now.accepted.contains(holder));
            before
        }
        None => {
            let mut memory = now;
            memory.undo_succession(old);
            memory
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::id;
    use crate::keyring::trust::HolderText;
    use crate::keyring::trust::examples::since;

    fn holder(name: &str) -> HolderText {
        HolderText::of_age(&format!("age1{name}")).expect("a recipient")
    }

    fn before() -> Memory {
        Memory {
            former: [id(9)].into(),
            accepted: [holder("alice")].into(),
            removed: [(holder("bob"), since(5))].into(),
            exported: true,
            by_hand: true,
            ..Memory::of_key(id(1))
        }
    }

    #[test]
    fn undone_a_rotation_leaves_what_was_known_and_accepted_before_it() {
        let note = RotationNote::new(true, &before(), Path::new("/lab/.git"));
        let note = RotationNote::parse(&note.to_text());
        let mut now = before();
        now.accepted.insert(holder("carol"));
        now.holders_seen = true;
        now.succeed(id(2), [id(1)]);
        assert!(!now.exported && !now.by_hand && now.removed.is_empty());
        let undone = memory_undone(note.as_ref(), now.clone(), id(1));
        assert_eq!(undone, before());
        // Repeating an undo that was interrupted changes nothing.
        assert_eq!(memory_undone(note.as_ref(), undone, id(1)), before());
        // Somebody was removed meanwhile.
        let mut without_alice = now.clone();
        without_alice.accepted.remove(&holder("alice"));
        let undone = memory_undone(note.as_ref(), without_alice, id(1));
        assert!(undone.accepted.is_empty());
        // The new key was exported before the undo.
        let exported = Memory {
            exported: true,
            ..now.clone()
        };
        let undone = memory_undone(note.as_ref(), exported, id(1));
        assert_eq!(undone.former_elsewhere, [id(2)].into());
        // The rotation began with an older version, or the note is about another rotation.
        for note in [
            None,
            Some(RotationNote::new(
                true,
                &Memory::of_key(id(7)),
                Path::new("/lab/.git"),
            )),
        ] {
            let undone = memory_undone(note.as_ref(), now.clone(), id(1));
            assert_eq!((undone.key_id, undone.exported), (id(1), true));
            assert_eq!(undone.former, [id(9)].into());
        }
    }

    #[test]
    fn a_note_reads_as_it_was_written() {
        for keeps_history in [true, false] {
            let note = RotationNote::new(keeps_history, &before(), Path::new("/lab/.git"));
            assert_eq!(RotationNote::parse(&note.to_text()), Some(note));
        }
        for damaged in ["", "keeps-history = 1", "junk"] {
            assert_eq!(RotationNote::parse(damaged), None);
        }
    }
}
