//! Killed at any system call that changes something, what a clone remembers is as it was or as it is to be: of its key, and
//! of the attributes that commits had. Several processes at once leave it whole as well.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::harness::desk::{Desk, read};
use crate::harness::kill::{Interruption, killed_everywhere};

const KNOWN: &str = ".git/hs-secrets/known/default";
const STATES: &str = ".git/hs-secrets/attribute-states";

/// A repository whose key was never exported, with commits that have different attributes.
fn desk() -> Desk {
    let desk = Desk::with(&[("api.key", "opensesame\n")]);
    for number in 0..3 {
        let line = format!("*.s{number} filter=git-crypt diff=git-crypt\n");
        desk.write(&format!("folder{number}/.gitattributes"), line.as_bytes());
        desk.commit("more attributes");
    }
    desk
}

fn copied(desk: &Desk) -> PathBuf {
    let copy = desk.sandbox.path("copy");
    let _ = fs::remove_dir_all(&copy);
    let top = desk.sandbox.path("");
    let places = ["-a", "desk", "copy"];
    desk.sandbox.run(&top, "cp", places, b"").succeeds();
    copy
}

/// The files in `hs-secrets` that are neither of these.
fn others(repository: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![repository.join(".git/hs-secrets")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if ![KNOWN, STATES].iter().any(|known| path.ends_with(known)) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn the_memory_of_a_key_is_the_one_before_or_the_one_after() {
    let desk = desk();
    // As it was before the key was ever exported.
    let memory = String::from_utf8(desk.read(KNOWN)).expect("text");
    let before = memory.replace("exported = true", "exported = false");
    assert_ne!(before, memory);
    fs::write(desk.repository.join(KNOWN), &before).expect("written");
    let export = ["export-key", "../exported"];
    let copy = copied(&desk);
    let prepare = || {
        copied(&desk);
        let _ = fs::remove_file(desk.sandbox.path("exported"));
    };
    let blows = killed_everywhere(
        &desk.sandbox,
        &copy,
        Interruption::Kill,
        &export,
        prepare,
        |place, run| {
            let there = String::from_utf8(read(&copy, KNOWN)).expect("text");
            assert!(there == before || there == memory, "{place}: {there}");
            if run.code == 0 {
                assert_eq!(there, memory, "{place}");
            }
            desk.sandbox.hs(&copy, export).succeeds();
            assert_eq!(read(&copy, KNOWN), memory.as_bytes(), "{place}");
            assert_eq!(others(&copy), Vec::<String>::new(), "{place}");
        },
    );
    assert!(blows > 3, "{blows} only");
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn the_attributes_that_commits_had_are_remembered_whole_or_not_at_all() {
    let desk = desk();
    let look = ["status", "--short"];
    let states = desk.repository.join(STATES);
    let _ = fs::remove_file(&states);
    let expected = desk.hs(look).text();
    let whole = read(&desk.repository, STATES);
    // One that was cut off is no memory.
    let before = &whole[..20];
    let blows = killed_everywhere(
        &desk.sandbox,
        &desk.repository,
        Interruption::Kill,
        &look,
        || fs::write(&states, before).expect("written"),
        |place, _| {
            let there = read(&desk.repository, STATES);
            assert!(there == before || there == whole, "{place}");
        },
    );
    assert!(blows > 3, "{blows} only");
    assert_eq!(desk.hs(look).text(), expected);
    assert_eq!(read(&desk.repository, STATES), whole);
}

#[test]
fn several_at_once_leave_both_memories_whole() {
    let desk = desk();
    desk.hs(["status", "--short"]).succeeds();
    let whole = read(&desk.repository, STATES);
    let started = |arguments: &[&str]| {
        let mut command = desk.sandbox.command(&desk.repository, "hs-secrets");
        command.args(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("the program is there")
    };
    for round in 0..5 {
        let _ = fs::remove_file(desk.repository.join(STATES));
        let mut children: Vec<Child> = Vec::new();
        for number in 0..4 {
            let export = format!("../export{number}");
            children.push(started(&["status", "--short"]));
            children.push(started(&["export-key", &export]));
        }
        children.push(started(&["rotate-key", "--commit"]));
        for child in children {
            let ended = child.wait_with_output().expect("an end");
            let told = String::from_utf8_lossy(&ended.stderr).into_owned();
            // Whoever finds another at work says so, and leaves it alone.
            let waited = told.contains("another") || told.contains("under way");
            assert!(ended.status.success() || waited, "{round}: {told}");
        }
        let key = desk.read(".git/git-crypt/keys/default");
        let saved = desk.hs(["export-key", "-"]).succeeds().stdout;
        assert_eq!(key, saved);
        // The memory knows the key that is there, and not that an older one was exported.
        desk.hs(["unlock"]).succeeds();
        let (known, tip) = (
            read(&desk.repository, KNOWN),
            desk.git(&["rev-parse", "HEAD"]),
        );
        assert!(String::from_utf8(known).is_ok());
        desk.hs(["status", "--short"]).succeeds();
        let states = read(&desk.repository, STATES);
        let (states, whole) = (
            String::from_utf8_lossy(&states),
            String::from_utf8_lossy(&whole),
        );
        assert!(states.contains(tip.trim()), "{states}");
        assert!(states.len() >= whole.len(), "{states}");
    }
}
