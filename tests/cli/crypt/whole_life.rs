//! `lock` and `unlock` in the middle of work: staged changes, renames, conflicts, deletions.

use std::fs;

use crate::harness::desk::{Desk, MAGIC};

#[test]
fn staged_changes_and_renames_live_through_lock_and_unlock() {
    let desk = desk();
    desk.write("one.key", b"one, changed\n");
    desk.write("new.key", b"new\n");
    desk.git(&["add", "."]);
    desk.git(&["mv", "two.key", "moved.key"]);
    let staged = desk.git(&["status", "--porcelain"]);
    desk.hs(["lock"]).succeeds();
    assert_eq!(desk.git(&["status", "--porcelain"]), staged);
    for path in ["one.key", "new.key", "moved.key"] {
        assert!(desk.read(path).starts_with(MAGIC), "{path}");
    }
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.git(&["status", "--porcelain"]), staged);
    assert_eq!(desk.read("one.key"), b"one, changed\n");
    assert_eq!(desk.read("moved.key"), b"two\n");
}

#[test]
fn a_partly_added_file_stops_lock() {
    let desk = desk();
    desk.write("one.key", b"one, staged\n");
    desk.git(&["add", "one.key"]);
    desk.write("one.key", b"one, staged, and more\n");
    desk.write("plain.txt", b"mine\n");
    let run = desk.sandbox.hs(&desk.repository, ["lock"]);
    let told = run.fails_saying(&["1 encrypted file is modified", "one.key"]);
    assert!(!told.stderr.contains("plain.txt"), "{}", told.stderr);
    assert_eq!(desk.read("one.key"), b"one, staged, and more\n");
}

#[test]
fn a_conflict_stops_lock_and_force_takes_our_side() {
    let desk = desk();
    diverge(&desk);
    desk.sandbox
        .git(&desk.repository, ["merge", "side"])
        .ends_with(1);
    desk.sandbox
        .hs(&desk.repository, ["lock"])
        .fails_saying(&["one.key"]);
    desk.hs(["lock", "--force"]).succeeds();
    let ours = desk
        .sandbox
        .git(&desk.repository, ["cat-file", "blob", "main:one.key"]);
    assert_eq!(desk.read("one.key"), ours.stdout);
    assert_eq!(
        desk.git(&["diff", "--name-only", "--diff-filter=U"]),
        "one.key\n"
    );
    // After `unlock`, the conflict is still there to be resolved.
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.read("one.key"), b"one of ours\n");
    desk.git(&["checkout", "--merge", "one.key"]);
    assert!(desk.read("one.key").starts_with(b"<<<<<<< ours\n"));
}

#[test]
fn our_deletion_against_their_change_leaves_no_plaintext() {
    let desk = desk();
    diverge(&desk);
    desk.git(&["rm", "--quiet", "one.key"]);
    desk.git(&["commit", "--quiet", "-m", "gone"]);
    desk.sandbox
        .git(&desk.repository, ["merge", "side"])
        .ends_with(1);
    assert_eq!(desk.read("one.key"), b"one of theirs\n");
    desk.hs(["lock"]).succeeds();
    assert!(desk.read("one.key").starts_with(MAGIC));
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.read("one.key"), b"one of theirs\n");
}

#[test]
fn files_that_were_never_encrypted_are_named_by_lock() {
    let desk = desk();
    desk.write("plain.txt", b"too early\n");
    desk.commit("in plaintext");
    let attributes = String::from_utf8(desk.read(".gitattributes")).expect("text");
    desk.write(
        ".gitattributes",
        format!("{attributes}plain.txt filter=git-crypt diff=git-crypt\n").as_bytes(),
    );
    desk.write("new.key", b"meant to be added\n");
    desk.git(&["add", "--intent-to-add", "new.key"]);
    desk.write("untracked.key", b"not even that\n");
    desk.write("empty.key", b"");
    let told = desk.hs(["lock"]).succeeds().stderr;
    for line in [
        "new.key has not been encrypted yet and stays plaintext",
        "plain.txt has not been encrypted yet and stays plaintext",
        "untracked.key is untracked and stays plaintext",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert_eq!(told.lines().count(), 3, "{told}");
    // Follows the advice in the message.
    desk.hs(["unlock", "../desk.key"]).succeeds();
    desk.hs(["status", "-f"]).succeeds();
    desk.git(&["commit", "--quiet", "-m", "encrypted"]);
    assert!(
        desk.git(&["show", "HEAD:new.key"])
            .starts_with("\0GITCRYPT")
    );
    assert_eq!(desk.hs(["lock"]).succeeds().stderr.lines().count(), 1);
}

#[test]
fn deleted_files_stay_deleted() {
    let desk = desk();
    fs::remove_file(desk.repository.join("one.key")).expect("removed");
    desk.hs(["lock"]).succeeds();
    assert_eq!(desk.git(&["status", "--porcelain"]), " D one.key\n");
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.git(&["status", "--porcelain"]), " D one.key\n");
    assert_eq!(desk.read("two.key"), b"two\n");
}

#[test]
fn files_of_another_key_are_left_alone() {
    let desk = desk();
    desk.hs(["init", "-k", "ops"]).succeeds();
    desk.write(
        ".gitattributes",
        b"*.key filter=git-crypt diff=git-crypt\n*.ops filter=git-crypt-ops diff=git-crypt-ops\n",
    );
    desk.write("disk.ops", b"luks\n");
    desk.git(&["add", "."]);
    desk.git(&["commit", "--quiet", "-m", "ops"]);
    desk.write("disk.ops", b"luks, changed\n");
    desk.hs(["lock"]).succeeds();
    assert!(desk.read("one.key").starts_with(MAGIC));
    assert_eq!(desk.read("disk.ops"), b"luks, changed\n");
    desk.hs(["unlock", "../desk.key"]).succeeds();
    desk.sandbox
        .hs(&desk.repository, ["lock", "-k", "ops"])
        .fails_saying(&["disk.ops"]);
    assert_eq!(desk.read("one.key"), b"one\n");
}

#[test]
fn what_a_sparse_checkout_leaves_out_stays_out() {
    let desk = desk();
    fs::create_dir(desk.repository.join("away")).expect("created");
    desk.write("away/far.key", b"far\n");
    desk.git(&["add", "."]);
    desk.git(&["commit", "--quiet", "-m", "far"]);
    desk.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/away/"]);
    desk.hs(["lock"]).succeeds();
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert!(!desk.repository.join("away").exists());
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
}

/// Gives `main` and `side` a different version of `one.key` each.
fn diverge(desk: &Desk) {
    desk.git(&["branch", "side"]);
    for (branch, content) in [("main", "one of ours\n"), ("side", "one of theirs\n")] {
        desk.git(&["checkout", "--quiet", branch]);
        desk.write("one.key", content.as_bytes());
        desk.git(&["commit", "--quiet", "-am", branch]);
    }
    desk.git(&["checkout", "--quiet", "main"]);
}

/// An unlocked repository with encrypted files, and its key next to it.
fn desk() -> Desk {
    Desk::with(&[
        ("one.key", "one\n"),
        ("two.key", "two\n"),
        ("plain.txt", "for everyone\n"),
    ])
}
