//! Ciphertext that was put into the work tree while it was locked, and that is not in the index.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::desk::{Desk, MAGIC, read, write};
use crate::harness::sandbox::Sandbox;

fn desk() -> Desk {
    Desk::with(&[("a.key", "one\n"), ("b.key", "hunter2\n")])
}

#[track_caller]
fn opens_to(desk: &Desk, files: &[(&str, &str)]) {
    for (path, _) in files {
        assert!(desk.read(path).starts_with(MAGIC), "{path}");
    }
    let before = desk.git(&["status", "--porcelain"]);
    let index = desk.git(&["ls-files", "--stage"]);
    desk.hs(["unlock", "../desk.key"]).succeeds();
    for (path, content) in files {
        assert_eq!(desk.read(path), content.as_bytes(), "{path}");
    }
    assert_eq!(desk.git(&["status", "--porcelain"]), before);
    assert_eq!(desk.git(&["ls-files", "--stage"]), index);
}

#[test]
fn a_stash_that_was_popped_while_locked() {
    let desk = desk();
    desk.write("a.key", "two\n");
    desk.write("added.key", "new\n");
    desk.write("untracked.key", "untracked\n");
    desk.git(&["add", "added.key"]);
    desk.git(&["stash", "--quiet", "--include-untracked"]);
    desk.hs(["lock"]).succeeds();
    desk.git(&["stash", "pop", "--quiet"]);
    let mode = fs::Permissions::from_mode(0o700);
    fs::set_permissions(desk.repository.join("untracked.key"), mode).expect("ours");
    opens_to(
        &desk,
        &[
            ("a.key", "two\n"),
            ("b.key", "hunter2\n"),
            ("added.key", "new\n"),
            ("untracked.key", "untracked\n"),
        ],
    );
    let metadata = fs::metadata(desk.repository.join("untracked.key")).expect("there");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o700);
    desk.commit("second");
    desk.assert_clean();
    let stored = desk.git(&["show", "HEAD:a.key", "--textconv"]);
    assert_eq!(stored, "two\n");
}

#[test]
fn a_side_of_a_conflict_an_old_version_and_a_copy() {
    let desk = desk();
    desk.write("a.key", "stashed\n");
    desk.git(&["stash", "--quiet"]);
    desk.write("a.key", "two\n");
    desk.write("b.key", "hunter3\n");
    desk.commit("second");
    desk.hs(["lock"]).succeeds();
    let popped = desk.sandbox.git(&desk.repository, ["stash", "pop"]);
    assert_eq!(popped.code, 1, "a conflict: {}", popped.stderr);
    desk.git(&["checkout", "--theirs", "a.key"]);
    desk.git(&["restore", "--source=HEAD~1", "b.key"]);
    desk.git(&["checkout-index", "--prefix=copy-", "b.key"]);
    opens_to(
        &desk,
        &[
            ("a.key", "stashed\n"),
            ("b.key", "hunter2\n"),
            ("copy-b.key", "hunter3\n"),
        ],
    );
}

#[test]
fn in_a_linked_work_tree_and_where_the_key_is_here_already() {
    let desk = desk();
    desk.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = desk.sandbox.path("linked");
    write(&linked, "a.key", b"two\n");
    desk.sandbox.git(&linked, ["stash", "--quiet"]).succeeds();
    desk.hs(["lock"]).succeeds();
    desk.sandbox
        .git(&linked, ["stash", "pop", "--quiet"])
        .succeeds();
    assert!(read(&linked, "a.key").starts_with(MAGIC));
    let ciphertext = read(&linked, "a.key");
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(read(&linked, "a.key"), b"two\n");
    write(&linked, "a.key", &ciphertext);
    desk.hs(["unlock"]).succeeds();
    assert_eq!(read(&linked, "a.key"), b"two\n");
}

#[test]
fn ciphertext_of_another_key_is_named_and_stays() {
    let desk = desk();
    let other = Sandbox::new();
    let other = (other.encrypted("other", &[("a.key", "theirs\n")]), other);
    other.1.hs(&other.0, ["lock", "--force"]).succeeds();
    desk.hs(["lock"]).succeeds();
    let foreign = read(&other.0, "a.key");
    assert!(foreign.starts_with(MAGIC));
    desk.write("a.key", &foreign);
    let told = desk.hs(["unlock", "../desk.key"]);
    let told = told.fails_saying(&["does not open", "a.key"]);
    assert!(told.stderr.contains("another key"), "{}", told.stderr);
    assert!(!told.stderr.contains("plaintext"), "{}", told.stderr);
    assert_eq!(desk.read("a.key"), foreign);
    assert!(desk.read("b.key").starts_with(MAGIC));
    assert!(!desk.repository.join(".git/git-crypt/keys/default").exists());
    desk.write("untracked.key", &foreign);
    desk.git(&["checkout", "--", "a.key"]);
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.read("untracked.key"), foreign);

    // Plaintext still blocks `unlock`.
    desk.hs(["lock"]).succeeds();
    desk.write("b.key", "my own\n");
    let told = desk.hs(["unlock", "../desk.key"]);
    let told = told.fails_saying(&["would overwrite changes", "b.key"]);
    assert!(
        told.stderr.contains("stored in plaintext"),
        "{}",
        told.stderr
    );
}
