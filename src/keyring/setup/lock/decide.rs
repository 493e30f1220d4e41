//! Decides whether a repository may be locked: a pure function of the facts.

use std::path::PathBuf;

use super::error::LockError;
use crate::format::{KeyId, KeyName};
use crate::keyring::files::ModifiedFiles;

/// The user's consent to losses by `lock`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LockRequest {
    /// True to overwrite modified files, and to ignore obstacles.
    pub force: bool,
    /// True to remove a key that exists nowhere else.
    pub discard_key: bool,
}

/// The facts before anything is changed.
#[derive(Debug)]
pub(super) struct LockFacts {
    /// The names in the request.
    pub names: Vec<KeyName>,
    /// The facts about each of these names that has a key or a filter here.
    pub keys: Vec<KeyToLock>,
    /// A linked work tree that can't be reached.
    pub out_of_reach: Option<PathBuf>,
    /// Modified encrypted files, in the first work tree that has any.
    pub modified: Option<ModifiedFiles>,
}

/// The facts about one key.
#[derive(Debug)]
pub(super) struct KeyToLock {
    pub name: KeyName,
    /// True if a rotation of the key is not finished.
    pub is_rotating: bool,
    /// The id of the key in the key store; `None` if there is only a filter.
    pub stored: Option<KeyId>,
    /// The id of the key that this clone remembers.
    pub known: Option<KeyId>,
    /// True if the key in the key store was exported from this clone, or given by hand. Exports of the remembered key
    /// do not count if it is another one.
    pub stored_is_elsewhere: bool,
    /// True if the key in the key store is wrapped for somebody who is known to have it.
    pub is_wrapped: bool,
    /// The retired keys.
    pub former: Vec<FormerKey>,
}

/// A retired key, which still opens what it has encrypted.
#[derive(Debug)]
pub(super) struct FormerKey {
    pub id: KeyId,
    /// The path of its file.
    pub path: PathBuf,
    /// True if it is known to exist elsewhere.
    pub is_elsewhere: bool,
}

impl KeyToLock {
    /// True if the key in the key store is not the one that this clone remembers: another program has put it there.
    pub(super) fn is_unknown(&self) -> bool {
        self.stored.is_some() && self.known.is_some() && self.stored != self.known
    }

    /// True if removing the key from the key store would lose it, as far as this clone knows.
    fn is_only_copy(&self) -> bool {
        self.stored.is_some() && !self.stored_is_elsewhere && !self.is_wrapped
    }
}

/// An error if the repository must not be locked.
pub(super) fn decide(facts: LockFacts, request: LockRequest) -> Result<(), LockError> {
    if facts.keys.is_empty() {
        let names = facts.names;
        return Err(LockError::AlreadyLocked { names });
    }
    if !request.force {
        if let Some(key) = facts.keys.iter().find(|key| key.is_rotating) {
            let name = key.name.clone();
            return Err(LockError::Rotating { name });
        }
        if let Some(path) = facts.out_of_reach {
            return Err(LockError::OutOfReach { path });
        }
        if let Some(modified) = facts.modified {
            return Err(LockError::Modified(modified));
        }
    }
    if request.discard_key {
        return Ok(());
    }
    if let Some(key) = facts.keys.iter().find(|key| key.is_only_copy()) {
        let name = key.name.clone();
        return Err(LockError::OnlyCopy { name });
    }
    for key in facts.keys {
        if let Some(former) = key.former.into_iter().find(|former| !former.is_elsewhere) {
            return Err(LockError::OnlyCopyOfFormer {
                name: key.name,
                id: former.id,
                path: former.path,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::examples::id;
    use crate::repository::PathBytes;

    /// A key that was exported, and that this clone remembers.
    fn exported() -> KeyToLock {
        KeyToLock {
            name: KeyName::default(),
            is_rotating: false,
            stored: Some(id(1)),
            known: Some(id(1)),
            stored_is_elsewhere: true,
            is_wrapped: false,
            former: Vec::new(),
        }
    }

    fn facts(keys: Vec<KeyToLock>) -> LockFacts {
        LockFacts {
            names: vec![KeyName::default()],
            keys,
            out_of_reach: None,
            modified: None,
        }
    }

    const NOTHING: LockRequest = LockRequest {
        force: false,
        discard_key: false,
    };
    const FORCE: LockRequest = LockRequest {
        force: true,
        ..NOTHING
    };
    const DISCARD: LockRequest = LockRequest {
        discard_key: true,
        ..NOTHING
    };

    #[test]
    fn the_only_copy_of_a_key_goes_only_where_its_user_discards_it() {
        let absent = KeyToLock {
            stored: None,
            stored_is_elsewhere: false,
            ..exported()
        };
        let alone = || KeyToLock {
            stored_is_elsewhere: false,
            ..exported()
        };
        let wrapped = KeyToLock {
            is_wrapped: true,
            ..alone()
        };
        // Another program has put a key in the place of the remembered one.
        let foreign = || KeyToLock {
            stored: Some(id(2)),
            stored_is_elsewhere: false,
            ..exported()
        };
        let foreign_and_exported = KeyToLock {
            stored: Some(id(2)),
            ..exported()
        };
        let foreign_and_wrapped = KeyToLock {
            is_wrapped: true,
            ..foreign()
        };
        for (key, goes) in [
            (exported(), true),
            (absent, true),
            (wrapped, true),
            (alone(), false),
            (foreign(), false),
            (foreign_and_wrapped, true),
            (foreign_and_exported, true),
        ] {
            let told = format!("{key:?}");
            let decided = decide(facts(vec![exported(), key]), NOTHING);
            assert_eq!(decided.is_ok(), goes, "{told}");
        }
        for key in [alone, foreign] {
            let kept = decide(facts(vec![key()]), FORCE);
            assert!(matches!(kept, Err(LockError::OnlyCopy { .. })));
            decide(facts(vec![key()]), DISCARD).expect("its user says so");
        }
    }

    #[test]
    fn the_only_copy_of_a_former_key_goes_only_where_its_user_discards_it() {
        let former_of = |seed: u8, is_elsewhere| FormerKey {
            id: id(seed),
            path: PathBuf::from(seed.to_string()),
            is_elsewhere,
        };
        for (elsewhere, lost) in [
            (vec![], None),
            (vec![true], None),
            (vec![false], Some(0)),
            (vec![true, false], Some(1)),
            (vec![true, true], None),
        ] {
            for (in_use_is_elsewhere, request) in [
                (true, NOTHING),
                (true, FORCE),
                (false, NOTHING),
                (true, DISCARD),
            ] {
                let former = elsewhere.iter().zip(0..);
                let key = KeyToLock {
                    stored_is_elsewhere: in_use_is_elsewhere,
                    former: former
                        .map(|(&there, seed)| former_of(seed, there))
                        .collect(),
                    ..exported()
                };
                let decided = decide(facts(vec![exported(), key]), request);
                match decided {
                    Ok(()) => assert!(
                        request.discard_key || in_use_is_elsewhere && lost.is_none(),
                        "{elsewhere:?}"
                    ),
                    Err(LockError::OnlyCopyOfFormer {
                        id: named, path, ..
                    }) => {
                        let lost = lost.expect("one is lost");
                        assert!(in_use_is_elsewhere && !request.discard_key);
                        assert_eq!((named, path), (id(lost), PathBuf::from(lost.to_string())));
                    }
                    // The key in use is named first.
                    Err(LockError::OnlyCopy { .. }) => assert!(!in_use_is_elsewhere),
                    Err(other) => panic!("{other}"),
                }
            }
        }
    }

    #[test]
    fn a_key_that_another_program_has_stored_is_unknown() {
        for (stored, known, expected) in [
            (Some(1), Some(1), false),
            (Some(2), Some(1), true),
            (None, Some(1), false),
            (Some(2), None, false),
        ] {
            let key = KeyToLock {
                stored: stored.map(id),
                known: known.map(id),
                ..exported()
            };
            assert_eq!(key.is_unknown(), expected, "{stored:?} {known:?}");
        }
    }

    #[test]
    fn what_stands_in_the_way_is_passed_over_by_force_alone() {
        let rotating = || {
            facts(vec![KeyToLock {
                is_rotating: true,
                ..exported()
            }])
        };
        let away = || LockFacts {
            out_of_reach: Some(PathBuf::from("/away")),
            ..facts(vec![exported()])
        };
        let modified = || LockFacts {
            modified: Some(ModifiedFiles {
                elsewhere: None,
                paths: vec![PathBytes::new("a.key")],
            }),
            ..facts(vec![exported()])
        };
        for (facts, part) in [
            (&rotating as &dyn Fn() -> LockFacts, "is being rotated"),
            (&away, "/away can't be reached"),
            (&modified, "a.key"),
        ] {
            for request in [NOTHING, DISCARD] {
                let refused = decide(facts(), request).expect_err(part).to_string();
                assert!(refused.contains(part), "{refused}");
            }
            decide(facts(), FORCE).expect(part);
        }
        let locked = decide(facts(Vec::new()), FORCE);
        assert!(matches!(locked, Err(LockError::AlreadyLocked { .. })));
    }
}
