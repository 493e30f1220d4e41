//! Killed at any system call that changes something, `export-key` and `keygen` leave the file that was there or the new
//! one, whole, and nobody else can read either.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::harness::desk::write;
use crate::harness::kill::{Interruption, killed_everywhere};
use crate::harness::sandbox::Sandbox;

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn an_exported_key_is_there_whole_or_not_at_all() {
    exported_over(Earlier::Nothing);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn an_exported_key_takes_the_old_file_s_place_whole_or_not_at_all() {
    exported_over(Earlier::InBase64);
}

/// What stands at the place of an export.
enum Earlier {
    Nothing,
    /// An export of the same key in another form; no other file would be overwritten.
    InBase64,
}

fn exported_over(earlier: Earlier) {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &[]);
    let before = match earlier {
        Earlier::Nothing => None,
        Earlier::InBase64 => {
            let export = ["export-key", "--base64", "../earlier.key"];
            sandbox.hs(&lab, export).succeeds();
            Some(fs::read(sandbox.path("earlier.key")).expect("an export"))
        }
    };
    let key = fs::read(sandbox.path("lab.key")).expect("a key");
    let folder = sandbox.path("keys");
    let place = folder.join("new.key");
    let kills = killed_everywhere(
        &sandbox,
        &lab,
        Interruption::Kill,
        &["export-key", "../keys/new.key"],
        || {
            empty(&folder);
            if let Some(before) = &before {
                write(&folder, "new.key", before);
                let owner_only = fs::Permissions::from_mode(0o600);
                fs::set_permissions(&place, owner_only).expect("permitted");
            }
        },
        |when, run| {
            assert_owner_only(&folder, when);
            let there = fs::read(&place).ok();
            let is_old = there == before;
            assert!(
                there.as_ref() == Some(&key) || is_old && run.code != 0,
                "{when}"
            );
            sandbox
                .hs(&lab, ["export-key", "../keys/new.key"])
                .succeeds();
            assert!(fs::read(&place).expect("there") == key, "{when}");
        },
    );
    assert!(kills > 1, "{kills} only");
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_generated_key_is_there_whole_or_not_at_all() {
    let sandbox = Sandbox::new();
    let here = sandbox.repository("here");
    let folder = sandbox.path("keys");
    let place = folder.join("new.key");
    let kills = killed_everywhere(
        &sandbox,
        &here,
        Interruption::Kill,
        &["keygen", "../keys/new.key"],
        || empty(&folder),
        |when, run| {
            assert_owner_only(&folder, when);
            if !place.exists() {
                assert_ne!(run.code, 0, "{when}");
                sandbox.hs(&here, ["keygen", "../keys/new.key"]).succeeds();
            }
            let encrypt = ["clean", "--key-file=../keys/new.key"];
            sandbox.run(&here, "git-crypt", encrypt, b"text").succeeds();
        },
    );
    assert!(kills > 1, "{kills} only");
}

fn empty(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir(folder).expect("a folder");
}

/// The key, and what a kill left beside it, if anything.
#[track_caller]
fn assert_owner_only(folder: &Path, when: &str) {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert!(paths.len() <= 2, "{when}: {paths:?}");
    for path in paths {
        let mode = path.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{when}: {}", path.display());
    }
}
