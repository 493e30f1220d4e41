//! The note that is written when a rotation begins, so that it can be continued or undone.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::format::KeyId;
use crate::keyring::trust::Memory;

/// The note beside the two keys of a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RotationNote {
    /// True if the old key is sealed for those who have the new one.
    pub(super) keeps_history: bool,
    /// The clone's memory as it was.
    memory: String,
    /// The Git folder of the work tree that it was begun in: what it has staged is in the index there. Earlier versions did not
    /// note it.
    #[serde(default)]
    pub(super) git_dir: String,
}

impl RotationNote {
    /// Notes how the clone's memory is now.
    pub(super) fn new(keeps_history: bool, memory: &Memory, git_dir: &Path) -> Self {
        Self {
            keeps_history,
            memory: memory.to_text(),
            git_dir: git_dir.to_string_lossy().into_owned(),
        }
    }

    /// The Git folder of another work tree that it was begun in, and that is still there.
    pub(super) fn begun_elsewhere(&self, git_dir: &Path) -> Option<PathBuf> {
        let begun = PathBuf::from(&self.git_dir);
        let is_elsewhere = self.git_dir != git_dir.to_string_lossy() && begun.is_dir();
        is_elsewhere.then_some(begun)
    }

    /// Reads it; `None` if it was begun by a version that writes nothing, or the note is damaged.
    pub(super) fn parse(text: &str) -> Option<Self> {
        toml::from_str(text).ok()
    }

    pub(super) fn to_text(&self) -> String {
        toml::to_string(self).expect("because a flag and a text can be written as TOML")
    }
}

/// The memory once the rotation from the key `old` is undone: as before, where the new key was exported is kept. Whom the user
/// has vouched for in this rotation is asked about again in the next one, and so is whoever was removed in the meantime.
pub(super) fn memory_undone(note: Option<&RotationNote>, now: Memory, old: KeyId) -> Memory {
    let before = note.and_then(|note| Memory::parse(&note.memory));
    match before.filter(|before| before.key_id == old) {
        Some(mut before) => {
            let mut undone = now.clone();
            undone.recede(old);
            before.former_elsewhere.extend(undone.former_elsewhere);
            before
                .accepted
                .retain(|holder| now.accepted.contains(holder));
            before
        }
        None => {
            let mut memory = now;
            memory.recede(old);
            memory
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::trust::HolderText;
    use crate::keyring::trust::examples::{key, since};

    fn id(seed: u8) -> KeyId {
        KeyId::of(&key("default", seed))
    }

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
        // An interrupted undoing is repeated.
        assert_eq!(memory_undone(note.as_ref(), undone, id(1)), before());
        // Somebody was removed in the meantime.
        let mut without_alice = now.clone();
        without_alice.accepted.remove(&holder("alice"));
        let undone = memory_undone(note.as_ref(), without_alice, id(1));
        assert!(undone.accepted.is_empty());
        // The new key was exported before it was undone.
        let exported = Memory {
            exported: true,
            ..now.clone()
        };
        let undone = memory_undone(note.as_ref(), exported, id(1));
        assert_eq!(undone.former_elsewhere, [id(2)].into());
        // Begun by an older version, or a note of another rotation.
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
