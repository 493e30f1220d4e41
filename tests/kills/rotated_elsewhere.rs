//! Killed or interrupted anywhere, taking over a rotated key is finished by unlocking again.

use std::fs;

use crate::harness::desk::read;
use crate::harness::kill::{INTERRUPT, Interruption, killed_everywhere};
use crate::harness::pair::Pair;

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn unlock_in_a_stopped_pull_that_is_killed_is_finished_by_unlocking_again() {
    unlock_struck(Interruption::Kill);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn unlock_in_a_stopped_pull_that_is_interrupted_is_finished_by_unlocking_again() {
    unlock_struck(INTERRUPT);
}

fn unlock_struck(interruption: Interruption) {
    let mut pair = Pair::rotated(false);
    let pull = ["pull", "--quiet", "--ff-only"];
    pair.run(&pull).ends_with(128);
    let stopped = pair.clone.clone();
    pair.clone = pair.sandbox.path("copy");
    let prepare = || {
        let _ = fs::remove_dir_all(&pair.clone);
        let places = ["-a".as_ref(), stopped.as_os_str(), "copy".as_ref()];
        let top = pair.sandbox.path("");
        pair.sandbox.run(&top, "cp", places, b"").succeeds();
    };
    let unlock = ["unlock", "../new.key"];
    let sandbox = &pair.sandbox;
    let blows = killed_everywhere(
        sandbox,
        &pair.clone,
        interruption,
        &unlock,
        prepare,
        |place, _| {
            pair.hs(&unlock).succeeds();
            pair.run(&pull).succeeds();
            pair.assert_clean();
            assert_eq!(read(&pair.clone, "a.key"), b"changed\n", "{place}");
            assert!(!pair.clone.join(".git/hs-secrets/compared").exists());
        },
    );
    assert!(blows > 10, "{blows} only");
}
