//! Killed at any system call that changes something, `init`, `unlock` and `lock` leave a repository that works, and
//! doing it again finishes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::kill::{Victim, killed_everywhere};
use crate::harness::sandbox::Sandbox;

#[test]
fn unlock_is_finished_by_unlocking_again() {
    unlock_killed(Victim::Program);
}

#[test]
fn unlock_whose_git_is_killed_is_finished_by_unlocking_again() {
    unlock_killed(Victim::Anyone);
}

fn unlock_killed(victim: Victim) {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox);
    let key = "../lab.key";
    let kills = killed_everywhere(
        &sandbox,
        &clone,
        victim,
        &["unlock", key],
        || {
            run_lock(&sandbox, &clone);
        },
        |_, _| {
            match victim {
                Victim::Program => assert_usable(&sandbox, &clone),
                Victim::Anyone => restore_half_a_file(&sandbox, &clone),
            }
            sandbox.hs(&clone, ["unlock", key]).succeeds();
            assert_eq!(
                fs::read(clone.join("api.key")).expect("there"),
                b"opensesame\n"
            );
            assert_usable(&sandbox, &clone);
        },
    );
    assert!(kills > 5, "killed {kills} times only");
}

#[test]
fn lock_is_finished_by_locking_again() {
    lock_killed(Victim::Program);
}

#[test]
fn lock_whose_git_is_killed_is_finished_by_locking_again() {
    lock_killed(Victim::Anyone);
}

fn lock_killed(victim: Victim) {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox);
    let key = "../lab.key";
    let kills = killed_everywhere(
        &sandbox,
        &clone,
        victim,
        &["lock"],
        || {
            sandbox.hs(&clone, ["unlock", key]).succeeds();
        },
        |_, _| {
            if let Victim::Anyone = victim {
                restore_half_a_file(&sandbox, &clone);
            }
            // Plaintext that no filter covers would be committed by the next `git add`.
            let plain = fs::read(clone.join("api.key")).expect("there") == b"opensesame\n";
            let config = fs::read_to_string(clone.join(".git/config")).expect("a configuration");
            assert!(!plain || config.contains("filter \"git-crypt\""));
            if let Victim::Program = victim {
                assert_usable(&sandbox, &clone);
            }
            run_lock(&sandbox, &clone);
            assert!(
                fs::read(clone.join("api.key"))
                    .expect("there")
                    .starts_with(b"\0GITCRYPT\0")
            );
            assert!(!clone.join(".git/git-crypt/keys/default").exists());
            assert_usable(&sandbox, &clone);
        },
    );
    assert!(kills > 5, "killed {kills} times only");
}

/// Like any checkout that is killed, one of ours can leave a file half-written, and it is for Git to write it again.
fn restore_half_a_file(sandbox: &Sandbox, clone: &Path) {
    let there = fs::read(clone.join("api.key")).unwrap_or_default();
    let blob = sandbox.git(clone, ["cat-file", "blob", "HEAD:api.key"]);
    let forms = [&blob.succeeds().stdout[..], b"opensesame\n"];
    if !forms.contains(&there.as_slice()) {
        assert!(forms.iter().any(|form| form.starts_with(&there)));
        sandbox
            .git(clone, ["checkout", "--quiet", "--", "api.key"])
            .succeeds();
    }
}

fn run_lock(sandbox: &Sandbox, clone: &Path) {
    let run = sandbox.hs(clone, ["lock"]);
    assert!(
        run.code == 0 || run.stderr.contains("already locked"),
        "{}",
        run.stderr
    );
}

fn assert_usable(sandbox: &Sandbox, clone: &Path) {
    sandbox
        .git(clone, ["update-index", "-q", "--really-refresh"])
        .succeeds();
    assert_eq!(
        sandbox
            .git(clone, ["status", "--porcelain"])
            .succeeds()
            .text(),
        ""
    );
    let left = fs::read_dir(clone.join(".git/git-crypt"))
        .into_iter()
        .flatten();
    let left: Vec<_> = left
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(left.iter().all(|name| name == "keys"), "{left:?} is left");
    let key = clone.join(".git/git-crypt/keys/default");
    assert!(
        !key.exists() || fs::read(key).expect("a key").len() == 148,
        "half a key"
    );
}

fn locked_clone(sandbox: &Sandbox) -> PathBuf {
    let lab = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
    sandbox.cloned(&lab)
}
