//! Decides which concerns there are: a pure function of the facts.

use super::concern::Concern;
use super::facts::{HealthFacts, KeyHealth};
use crate::repository::PathBytes;

/// The concerns, the worst first.
pub(super) fn concerns(facts: &HealthFacts<'_>) -> Vec<Concern> {
    let mut concerns = Vec::new();
    concerns.extend(facts.keys.iter().flat_map(of_key));
    for state in &facts.keys {
        let key = || state.name.clone();
        if state.driver.filters() && !state.driver.required {
            concerns.push(Concern::FilterOptional { key: key() });
        }
    }
    for state in facts.keys.iter().filter(|key| !key.outdated.is_empty()) {
        let paths = state.outdated.clone();
        concerns.push(Concern::Outdated { paths });
    }
    for (key, holders) in facts.people.unattested.iter().cloned() {
        concerns.push(Concern::NotAttested { key, holders });
    }
    let gone = facts.gone_lists.iter().cloned();
    concerns.extend(gone.map(|key| Concern::HoldersGone { key }));
    let plaintext_kept = facts.keys.iter().filter(|key| key.driver.keeps_plaintext);
    concerns.extend(plaintext_kept.map(|state| Concern::PlaintextKept {
        key: state.name.clone(),
    }));
    for (key, holders) in facts.people.not_wrapped.iter().cloned() {
        concerns.push(Concern::NotWrapped { key, holders });
    }
    concerns.extend(of_files(facts));
    let merges = facts.keys.iter().any(|state| state.files > state.unmerged);
    if merges && facts.records_resolutions {
        concerns.push(Concern::ResolutionsRecorded);
    }
    concerns
}

/// Concerns about one key: whether the key and its filter are here, and fit each other.
fn of_key(state: &KeyHealth) -> Vec<Concern> {
    let key = || state.name.clone();
    let mut concerns = Vec::new();
    match (state.unlocked, state.driver.filters()) {
        (false, false) if state.files > 0 => concerns.push(Concern::Locked {
            key: key(),
            files: state.files,
        }),
        (false, false) => {}
        (false, true) => concerns.push(Concern::KeyAbsent { key: key() }),
        (true, false) => concerns.push(Concern::FilterAbsent { key: key() }),
        (true, true) => {
            let trouble = state.trouble.clone();
            concerns.extend(trouble.map(|trouble| Concern::FilterBroken {
                key: key(),
                trouble,
            }));
            let path = state.opens_none_of.clone();
            concerns.extend(path.map(|path| {
                if state.rotated_out {
                    Concern::KeyRotatedOut { key: key() }
                } else {
                    Concern::WrongKey { key: key(), path }
                }
            }));
        }
    }
    let reason = state.unread.clone();
    concerns.extend(reason.map(|reason| Concern::KeyUnreadable { key: key(), reason }));
    let reason = state.forgotten.clone();
    concerns.extend(reason.map(|reason| Concern::MemoryUnusable { key: key(), reason }));
    let unknown = state.unknown.clone();
    concerns.extend(unknown.map(|unknown| Concern::KeyUnknown { unknown }));
    concerns
}

fn of_files(facts: &HealthFacts<'_>) -> Vec<Concern> {
    let mut concerns = Vec::new();
    for file in facts
        .files
        .iter()
        .filter(|file| file.path.is_attributes_file())
    {
        if file.encryption.is_some() || facts.encrypted_attributes.contains(&file.path) {
            let path = file.path.clone();
            concerns.push(Concern::AttributesEncrypted { path });
        }
    }
    let filtered = facts.filtered_keys.first().cloned();
    concerns.extend(filtered.map(|path| Concern::WrappedKeyEncrypted { path }));
    if !facts.undecrypted.is_empty() {
        let paths = facts.undecrypted.clone();
        concerns.push(Concern::StaysEncrypted { paths });
    }
    let mut converted = facts.files.iter().filter(|file| {
        let encryption = file.encryption.as_ref();
        file.is_file && encryption.is_some_and(|encryption| encryption.line_ends_converted)
    });
    concerns.extend(converted.next().map(|first| Concern::LineEndsConverted {
        path: first.path.clone(),
        files: 1 + converted.count(),
    }));
    let mut converted = facts.files.iter().filter(|file| {
        let encryption = file.encryption.as_ref();
        file.is_file && encryption.is_some_and(|encryption| encryption.encoding_converted)
    });
    concerns.extend(converted.next().map(|first| Concern::EncodingConverted {
        path: first.path.clone(),
        files: 1 + converted.count(),
    }));
    let unmerged = facts.keys.iter().filter(|state| state.unmerged > 0);
    concerns.extend(unmerged.map(|state| Concern::NotMerged {
        key: state.name.clone(),
        files: state.unmerged,
    }));
    for marked in [false, true] {
        let empty = facts.files.iter().filter(|file| {
            let encryption = file.encryption.as_ref();
            file.is_encrypted_empty
                && encryption.is_some_and(|encryption| encryption.plain_when_empty == marked)
        });
        let paths: Vec<PathBytes> = empty.map(|file| file.path.clone()).collect();
        if !paths.is_empty() {
            concerns.push(Concern::EmptyEncrypted { paths, marked });
        }
    }
    concerns
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;
    use crate::format::examples::key;
    use crate::format::{KeyId, KeyName};
    use crate::keyring::membership::Differences;
    use crate::keyring::setup::lock::UnknownKey;
    use crate::keyring::setup::status::{FileStatus, Staged};
    use crate::repository::{Driver, Encryption, FilterTrouble};

    /// A key that is here with its filter, and has two files.
    fn good() -> KeyHealth {
        KeyHealth {
            name: KeyName::default(),
            unlocked: true,
            driver: Driver {
                clean: Some("clean".to_owned()),
                smudge: Some("smudge".to_owned()),
                process: Some("process".to_owned()),
                required: true,
                merge: Some("merge".to_owned()),
                keeps_plaintext: false,
            },
            files: 2,
            unmerged: 0,
            trouble: None,
            unread: None,
            forgotten: None,
            unknown: None,
            opens_none_of: None,
            rotated_out: false,
            outdated: Vec::new(),
        }
    }

    fn without_filter(key: KeyHealth) -> KeyHealth {
        let driver = Driver {
            clean: None,
            process: None,
            ..key.driver
        };
        KeyHealth { driver, ..key }
    }

    fn file(path: &str) -> FileStatus {
        FileStatus {
            path: PathBytes::new(path),
            encryption: Some(Encryption {
                key: KeyName::default(),
                diff_set: true,
                merge_set: true,
                plain_when_empty: false,
                line_ends_converted: false,
                encoding_converted: false,
            }),
            staged: Staged::Encrypted,
            is_file: true,
            is_encrypted_empty: false,
        }
    }

    fn facts(files: &[FileStatus], keys: Vec<KeyHealth>) -> HealthFacts<'_> {
        HealthFacts {
            files,
            keys,
            encrypted_attributes: BTreeSet::new(),
            filtered_keys: Vec::new(),
            undecrypted: Vec::new(),
            people: Differences::default(),
            gone_lists: Vec::new(),
            records_resolutions: false,
        }
    }

    fn codes(facts: &HealthFacts<'_>) -> Vec<&'static str> {
        concerns(facts).iter().map(Concern::code).collect()
    }

    #[test]
    fn a_key_and_its_filter_go_together_or_it_is_said() {
        let path = || Some(PathBytes::new("a.key"));
        let absent = || KeyHealth {
            unlocked: false,
            ..good()
        };
        let unused = KeyHealth {
            files: 0,
            ..without_filter(absent())
        };
        let trouble = FilterTrouble::NotFound {
            program: PathBuf::from("/gone"),
        };
        let unknown = UnknownKey {
            name: KeyName::default(),
            stored: KeyId::of(&key("default", 2)),
            known: KeyId::of(&key("default", 1)),
        };
        let mut optional = good();
        optional.driver.required = false;
        let mut keeps = good();
        keeps.driver.keeps_plaintext = true;
        for (state, expected) in [
            (good(), &[][..]),
            (unused, &[]),
            (absent(), &["key-absent"]),
            (without_filter(absent()), &["locked"]),
            (without_filter(good()), &["filter-absent"]),
            (
                KeyHealth {
                    trouble: Some(trouble),
                    opens_none_of: path(),
                    ..good()
                },
                &["filter-broken", "wrong-key"],
            ),
            (
                KeyHealth {
                    opens_none_of: path(),
                    rotated_out: true,
                    ..good()
                },
                &["key-rotated-out"],
            ),
            (
                KeyHealth {
                    unread: Some("reading it failed".to_owned()),
                    ..good()
                },
                &["key-unreadable"],
            ),
            (
                KeyHealth {
                    unknown: Some(unknown),
                    ..good()
                },
                &["key-unknown"],
            ),
            (
                KeyHealth {
                    outdated: path().into_iter().collect(),
                    unmerged: 1,
                    ..good()
                },
                &["outdated", "not-merged"],
            ),
            (optional, &["filter-optional"]),
            (keeps, &["plaintext-kept"]),
        ] {
            let told = format!("{state:?}");
            assert_eq!(codes(&facts(&[], vec![state])), expected, "{told}");
        }
    }

    #[test]
    fn files_that_git_treats_otherwise_than_meant_are_said() {
        let converted = {
            let mut file = file("a.key");
            let encryption = file.encryption.as_mut().expect("it is encrypted");
            encryption.line_ends_converted = true;
            file
        };
        let encoded = {
            let mut file = file("a.key");
            let encryption = file.encryption.as_mut().expect("it is encrypted");
            encryption.encoding_converted = true;
            file
        };
        let empty = FileStatus {
            is_encrypted_empty: true,
            ..file("empty.key")
        };
        let plain_attributes = FileStatus {
            encryption: None,
            ..file("sub/.gitattributes")
        };
        for (file, expected) in [
            (file("a.key"), &[][..]),
            (converted, &["line-ends-converted"]),
            (encoded, &["encoding-converted"]),
            (empty, &["empty-encrypted"]),
            (file("sub/.gitattributes"), &["attributes-encrypted"]),
            (plain_attributes.clone(), &[]),
        ] {
            assert_eq!(codes(&facts(&[file], vec![good()])), expected);
        }
        // The content is ciphertext, so none of its attributes counts any more.
        let files = [plain_attributes];
        let lost = HealthFacts {
            encrypted_attributes: [PathBytes::new("sub/.gitattributes")].into(),
            ..facts(&files, vec![good()])
        };
        assert_eq!(codes(&lost), ["attributes-encrypted"]);
    }

    #[test]
    fn what_is_of_the_whole_repository_comes_with_it_and_dangers_first() {
        let files = [file("a.key")];
        let all = HealthFacts {
            undecrypted: vec![PathBytes::new("a.key")],
            people: Differences {
                unattested: vec![(KeyName::default(), vec!["mallory".to_owned()])],
                not_wrapped: vec![(KeyName::default(), vec!["alice".to_owned()])],
            },
            gone_lists: vec![KeyName::default()],
            records_resolutions: true,
            ..facts(&files, vec![good()])
        };
        let expected = [
            "not-attested",
            "holders-gone",
            "not-wrapped",
            "stays-encrypted",
            "resolutions-recorded",
        ];
        assert_eq!(codes(&all), expected);
        // Without files that can be merged, no resolution can be recorded.
        let unmerged = HealthFacts {
            records_resolutions: true,
            ..facts(
                &files,
                vec![KeyHealth {
                    unmerged: 2,
                    ..good()
                }],
            )
        };
        assert_eq!(codes(&unmerged), ["not-merged"]);
    }
}
