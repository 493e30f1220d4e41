//! `unlock` follows a rotation if both keys prove it and the user agrees.

use std::fs;

use crate::harness::desk::{read, write};
use crate::harness::pty::run_answering;
use crate::lab::{Lab, SECRET};

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn clones_one_two_and_five_rotations_behind_follow_before_or_after_the_pull() {
    for times in [1, 2, 5] {
        let lab = Lab::new();
        let locked = lab.fresh();
        lab.sandbox.hs(&locked, ["unlock"]).succeeds();
        lab.sandbox.hs(&locked, ["lock"]).succeeds();
        lab.rotate(times);

        lab.git(&["fetch", "--quiet"]);
        let told = lab.hs(&["unlock"]).succeeds().stderr;
        assert!(
            told.contains("unsigned: anybody can write this name"),
            "{told}"
        );
        assert!(told.contains("tester@example.org"), "{told}");
        assert_eq!(lab.key(), lab.first_key(), "{times}");
        lab.hs(&["unlock", "--accept-rotation"]).succeeds();
        assert_eq!(lab.key(), lab.newest_key(), "{times}");
        lab.git(&["pull", "--quiet"]);
        assert_eq!(read(&lab.alice, "web/db.key"), SECRET.as_bytes());
        assert_eq!(lab.git(&["status", "--porcelain"]), "");
        lab.hs(&["unlock"]).succeeds();

        lab.sandbox.git(&locked, ["pull", "--quiet"]).succeeds();
        let refused = lab.sandbox.hs(&locked, ["unlock"]);
        refused.fails_saying(&["you have not agreed"]);
        lab.sandbox
            .hs(&locked, ["unlock", "--accept-rotation"])
            .succeeds();
        assert_eq!(read(&locked, "web/db.key"), SECRET.as_bytes());
        lab.sandbox.git(&locked, ["log", "-p"]).succeeds();
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_clone_without_a_branch_follows_too_and_says_what_git_has_removed() {
    let lab = Lab::new();
    lab.git(&["checkout", "--quiet", "--detach"]);
    // One branch adds a collaborator. On the other, somebody who may push only to other branches rotates the key.
    let first = lab.sandbox.path("first");
    let dave = lab.sandbox.new_age_key("dave.txt");
    let on_a_branch = |name: &str, verb: &[&str]| {
        let git = |arguments: &[&str]| lab.sandbox.git(&first, arguments).succeeds();
        let home = lab.sandbox.path(name);
        let home = home.to_str().expect("plain");
        git(&["worktree", "add", "--quiet", "-b", name, home]);
        let own = first.join(".git/git-crypt/keys/default");
        let key = fs::read(&own).expect("the key");
        let known = first.join(".git/hs-secrets/known/default");
        let memory = fs::read(&known).expect("the memory");
        lab.sandbox.hs(&lab.sandbox.path(name), verb).succeeds();
        git(&["push", "--quiet", "../hub.git", name]);
        git(&["worktree", "remove", "--force", home]);
        fs::write(own, key).expect("as before");
        fs::write(known, memory).expect("as before");
    };
    on_a_branch("aaa", &["add-age-user", &dave]);
    on_a_branch("aab", &["rotate-key", "--commit"]);
    lab.rotate(2);
    lab.git(&["fetch", "--quiet"]);
    let change = ["checkout", "--detach", "origin/main"];
    let stopped = lab.sandbox.git(&lab.alice, change);
    assert_ne!(stopped.code, 0, "the key here opens none of it");
    assert!(!lab.alice.join("web/db.key").exists());
    let told = lab.hs(&["unlock"]).ends_with(1).stderr;
    for part in [
        "you have not agreed",
        "web/db.key is not in the work tree",
        "unlock --accept-rotation",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = lab.hs(&["unlock", "--accept-rotation"]).succeeds().stderr;
    assert!(told.contains("begun to change: "), "{told}");
    assert_eq!(lab.key(), lab.newest_key());
    assert_eq!(read(&lab.alice, "web/db.key"), SECRET.as_bytes());
    lab.git(&change);
    assert_eq!(read(&lab.alice, "web/db.key"), SECRET.as_bytes());
    assert_eq!(lab.git(&["status", "--porcelain"]), "");
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn where_git_was_not_stopped_nothing_is_put_back() {
    let lab = Lab::new();
    lab.rotate(1);
    lab.mallory(&["pull", "--quiet"]);
    write(&lab.mallory, "flag", b"");
    write(&lab.mallory, "readme.txt", b"hello, world\n");
    lab.push();
    lab.git(&["checkout", "--quiet", "--no-track", "-b", "topic"]);
    lab.git(&["fetch", "--quiet"]);
    write(&lab.alice, "flag", b"");
    write(&lab.alice, "readme.txt", b"hello, world\n");
    let told = lab.hs(&["unlock", "--accept-rotation"]).succeeds().stderr;
    assert!(!told.contains("begun to change"), "{told}");
    assert!(lab.alice.join("flag").exists());
    assert_eq!(read(&lab.alice, "readme.txt"), b"hello, world\n");
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_clone_made_after_rotations_reads_the_history() {
    let lab = Lab::new();
    lab.rotate(3);
    let clone = lab.fresh();
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    lab.sandbox.git(&clone, ["log", "-p"]).succeeds();
    lab.sandbox
        .git(&clone, ["checkout", "--quiet", "HEAD~3"])
        .succeeds();
    assert_eq!(read(&clone, "web/db.key"), SECRET.as_bytes());
    // If an export from before the rotation is given, the message says that it is one.
    let other = lab.fresh();
    lab.sandbox
        .hs(&other, ["unlock", "../first.key"])
        .fails_saying(&["was rotated out"]);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn on_a_terminal_it_is_asked_about() {
    let lab = Lab::new();
    lab.rotate(1);
    lab.git(&["fetch", "--quiet"]);
    for (answer, expected) in [("n", lab.first_key()), ("y", lab.newest_key())] {
        let answers = [("follow it?", answer)];
        let told = run_answering(&lab.sandbox, &lab.alice, "hs-secrets unlock", &answers);
        assert_eq!(lab.key(), expected, "{told:?}");
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn of_a_fork_both_branches_are_named_and_a_key_by_hand_decides() {
    let lab = Lab::new();
    // Mallory once had the key, and rotates it after the others did. Her succession is signed by the old key, too.
    lab.sandbox
        .hs(&lab.mallory, ["unlock", "../first.key"])
        .succeeds();
    lab.rotate(1);
    let trust = ["rotate-key", "--commit", "--trust", &lab.recipient];
    lab.sandbox.hs(&lab.mallory, trust).succeeds();
    lab.mallory(&["fetch", "--quiet"]);
    lab.mallory(&["merge", "--quiet", "-s", "ours", "--no-edit", "origin/main"]);
    // A merge that keeps only her files would hide the other succession, but it is still in the history.
    lab.mallory(&["push", "--quiet"]);
    lab.git(&["fetch", "--quiet"]);
    let told = lab
        .hs(&["unlock", "--accept-rotation", "--new-key"])
        .succeeds()
        .stderr;
    assert!(told.contains("only one can be right"), "{told}");
    assert_eq!(lab.key(), lab.first_key());
    write(&lab.alice, "own.txt", b"mine\n");
    lab.hs(&["lock"]).succeeds();
    lab.git(&["pull", "--quiet"]);
    lab.hs(&["unlock", "--accept-rotation"])
        .fails_saying(&["only one can be right"]);
}

#[test]
#[ignore = "needs age and ssh-keygen: tests/run.sh"]
fn a_rotation_names_who_has_signed_its_commit() {
    let lab = Lab::new();
    let first = lab.sandbox.path("first");
    let top = lab.sandbox.path("");
    let new_key = |name: &str| {
        let make = ["-q", "-t", "ed25519", "-N", "", "-f", name];
        lab.sandbox.run(&top, "ssh-keygen", make, b"").succeeds();
        String::from_utf8(read(&top, &format!("{name}.pub"))).expect("text")
    };
    let (signer, other) = (new_key("signer"), new_key("other"));
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingkey", "../signer"),
        ("commit.gpgsign", "true"),
    ] {
        lab.sandbox.git(&first, ["config", name, value]).succeeds();
    }
    lab.rotate(1);
    lab.git(&["fetch", "--quiet"]);
    let file = top.join("allowed");
    let file = file.to_str().expect("plain");
    // First, Git knows no signing keys; then it knows others, but not this one; then it knows this one.
    let unknown = "with a signature that this Git can't check, since it does not know the key (`git config gpg.ssh.allowedSignersFile`";
    let good = "signed by \"rotator@example.org\"";
    for (allowed, expected) in [
        (None, unknown),
        (Some(other), unknown),
        (Some(signer), good),
    ] {
        if let Some(allowed) = allowed {
            let allowed = format!("rotator@example.org {allowed}");
            write(&top, "allowed", allowed.as_bytes());
            lab.git(&["config", "gpg.ssh.allowedSignersFile", file]);
        }
        let told = lab.hs(&["unlock"]).succeeds().stderr;
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("unsigned"), "{told}");
    }
    assert_eq!(lab.key(), lab.first_key());
}
