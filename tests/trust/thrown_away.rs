//! The only copy of something is not deleted, and everything that must not stay is.

use std::fs;

use crate::harness::desk::{Desk, read, write};
use crate::lab::Lab;

#[test]
fn the_only_copy_of_a_key_is_not_locked_away() {
    let sandbox = crate::harness::sandbox::Sandbox::new();
    let lab = sandbox.repository("alone");
    sandbox.hs(&lab, ["init"]).succeeds();
    sandbox
        .hs(&lab, ["lock"])
        .fails_saying(&["exists nowhere else"]);
    sandbox
        .hs(&lab, ["lock", "--force"])
        .fails_saying(&["exists nowhere else"]);
    assert!(lab.join(".git/git-crypt/keys/default").exists());
    sandbox.hs(&lab, ["export-key", "../saved"]).succeeds();
    sandbox.hs(&lab, ["lock"]).succeeds();
    // A key that came from a file exists elsewhere.
    sandbox.hs(&lab, ["unlock", "../saved"]).succeeds();
    sandbox.hs(&lab, ["lock"]).succeeds();
    let other = sandbox.repository("other");
    sandbox.hs(&other, ["init"]).succeeds();
    sandbox.hs(&other, ["lock", "--discard-key"]).succeeds();
}

#[test]
fn the_only_copy_of_a_former_key_is_not_locked_away() {
    let id_of = |told: &str| {
        let (_, rest) = told.split_once("former key ").expect("it is named");
        rest.split(' ').next().expect("an id").to_owned()
    };
    let retired = ".git/hs-secrets/retired/default/0";
    let desk = Desk::empty("alone");
    desk.write(".gitattributes", "*.key filter=git-crypt diff=git-crypt\n");
    desk.write("a.key", "opensesame\n");
    desk.hs(["init"]).succeeds();
    desk.commit("first");
    desk.hs(["rotate-key", "--commit", "--no-history"])
        .succeeds();
    desk.hs(["export-key", "../new.key"]).succeeds();
    for lock in [&["lock"][..], &["lock", "--force"], &["lock", "--all"]] {
        let told = desk.hs(lock).fails_saying(&["exists nowhere else"]);
        assert_eq!(id_of(&told.stderr).len(), 32);
        assert!(told.stderr.contains(retired), "{}", told.stderr);
    }
    // After it was given as a file, the clone knows that the key exists elsewhere.
    fs::copy(desk.repository.join(retired), desk.sandbox.path("old.key")).expect("copied");
    desk.hs(["unlock", "--retired", "../old.key"]).succeeds();
    desk.hs(["lock"]).succeeds();
    desk.hs(["unlock", "../new.key"]).succeeds();
    desk.hs(["unlock", "--retired", "../old.key"]).succeeds();
    // The key of an undone rotation may have encrypted a stash.
    desk.hs(["rotate-key"]).succeeds();
    desk.hs(["rotate-key", "--abort"]).succeeds();
    let told = desk.hs(["lock"]).fails_saying(&["the former key"]).stderr;
    assert!(told.contains(".git/hs-secrets/retired/default/1"), "{told}");
    desk.hs(["lock", "--discard-key"]).succeeds();
    assert!(!desk.repository.join(retired).exists());
}

#[test]
fn a_former_key_that_exists_elsewhere_goes_with_the_one_in_use() {
    // The old key was sealed with the new one, or exported before.
    for rotate in [
        &["rotate-key", "--commit"][..],
        &["rotate-key", "--commit", "--no-history"],
    ] {
        let desk = Desk::with(&[("a.key", "opensesame\n")]);
        for _ in 0..2 {
            desk.hs(rotate).succeeds();
            desk.hs(["export-key", "../desk.key"]).succeeds();
        }
        desk.hs(["lock"]).succeeds();
    }
    // The new key was exported during a rotation that was undone.
    let desk = Desk::with(&[("a.key", "opensesame\n")]);
    desk.hs(["rotate-key"]).succeeds();
    desk.hs(["export-key", "../new.key"]).succeeds();
    desk.hs(["rotate-key", "--abort"]).succeeds();
    desk.hs(["lock"]).succeeds();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_former_key_that_the_history_has_wrapped_goes_with_the_one_in_use() {
    let lab = Lab::new();
    lab.hs(&[
        "rotate-key",
        "--commit",
        "--no-history",
        "--trust",
        &lab.recipient,
    ])
    .succeeds();
    lab.hs(&["lock"]).succeeds();
}

#[test]
fn a_former_key_that_cannot_be_read_does_not_hide_the_one_in_use() {
    let desk = Desk::empty("alone");
    desk.hs(["init"]).succeeds();
    desk.write(".git/hs-secrets/retired/default/0", "junk");
    desk.hs(["lock"]).fails_saying(&["retired/default/0"]);
    desk.hs(["lock", "--force"])
        .fails_saying(&["exists nowhere else"]);
    assert!(desk.repository.join(".git/git-crypt/keys/default").exists());
}

#[test]
fn an_export_overwrites_nothing_but_an_export_of_this_key() {
    let desk = Desk::with(&[("a.key", "opensesame\n")]);
    desk.hs(["keygen", "../another"]).succeeds();
    let top = desk.sandbox.path("");
    write(&top, "letter.txt", b"dear all\n");
    write(&top, "empty", b"");
    for there in ["another", "letter.txt"] {
        let before = read(&top, there);
        let target = format!("../{there}");
        desk.hs(["export-key", &target])
            .fails_saying(&["no export of this repository's key"]);
        assert_eq!(read(&top, there), before);
    }
    for there in ["../empty", "../desk.key", "../desk.key"] {
        desk.hs(["export-key", there]).succeeds();
    }
    // An export of the old key is replaced by one of today's key.
    desk.hs(["rotate-key", "--commit"]).succeeds();
    desk.hs(["export-key", "../desk.key"]).succeeds();
    assert_eq!(
        read(&top, "desk.key"),
        desk.read(".git/git-crypt/keys/default")
    );
}

#[test]
fn conflicts_that_git_has_recorded_go_when_the_key_does() {
    let desk = Desk::with(&[
        ("a.key", "opensesame\n"),
        ("plain.txt", "nothing to hide\n"),
    ]);
    desk.git(&["config", "rerere.enabled", "true"]);
    desk.git(&["switch", "--quiet", "--create", "theirs"]);
    desk.write("a.key", b"their secret value\n");
    desk.write("plain.txt", b"their open line\n");
    desk.commit("theirs");
    desk.git(&["switch", "--quiet", "main"]);
    desk.write("a.key", b"our secret value\n");
    desk.write("plain.txt", b"our open line\n");
    desk.commit("ours");
    desk.sandbox
        .git(&desk.repository, ["merge", "theirs"])
        .ends_with(1);
    desk.git(&["merge", "--abort"]);
    // Git has forgotten this conflict. A record of another conflict replaces it.
    let record = desk.repository.join(".git/rr-cache").join("0".repeat(40));
    for (name, content) in [
        (
            "secret",
            "<<<<<<<\nour secret value\n=======\ntheir secret value\n>>>>>>>\n",
        ),
        (
            "open",
            "<<<<<<<\nour open line\n=======\ntheir open line\n>>>>>>>\n",
        ),
    ] {
        let folder = record.with_file_name(format!("{name:0>40}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("preimage"), content).expect("written");
    }
    // Other programs leave files in that folder.
    desk.write(".git/rr-cache/.DS_Store", "junk\n");
    let short = desk.hs(["status", "--short"]).text();
    assert!(short.contains("rr-cache"), "{short}");
    desk.hs(["lock"]).succeeds();
    let run = desk.sandbox.run(
        &desk.repository,
        "grep",
        ["-r", "-l", "-a", "secret value", ".git"],
        b"",
    );
    assert_eq!(run.text(), "");
    assert!(record.with_file_name(format!("{:0>40}", "open")).exists());
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn attributes_that_are_encrypted_themselves_are_told() {
    let lab = Lab::new();
    write(
        &lab.alice,
        ".gitattributes",
        b"* filter=git-crypt diff=git-crypt\n",
    );
    lab.git(&["add", "--all", "--renormalize", "."]);
    lab.git(&["commit", "--quiet", "-m", "all of it"]);
    lab.git(&["push", "--quiet"]);
    let clone = lab.fresh();
    let told = lab.sandbox.hs(&clone, ["unlock", "../first.key"]);
    told.fails_saying(&[".gitattributes is encrypted itself"]);
    let short = lab.sandbox.hs(&clone, ["status", "--short"]).text();
    assert!(
        short.contains(".gitattributes is to be encrypted itself"),
        "{short}"
    );
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn ciphertext_in_an_unlocked_work_tree_is_told() {
    let lab = Lab::new();
    let blob = lab.git_blob("HEAD:web/db.key");
    write(&lab.alice, "web/db.key", &blob);
    let short = lab.hs(&["status", "--short"]).text();
    assert!(
        short.contains("web/db.key is ciphertext in the work tree"),
        "{short}"
    );
    lab.hs(&["refresh"]).succeeds();
    assert_eq!(lab.hs(&["status", "--short"]).text(), "");
}

/// A repository with a key and an encrypted file, on the branch `other`.
fn on_branch_other() -> Desk {
    let desk = Desk::empty("alone");
    desk.write(".gitattributes", "*.key filter=git-crypt diff=git-crypt\n");
    desk.write("a.key", "opensesame\n");
    desk.hs(["init"]).succeeds();
    desk.commit("first");
    desk.git(&["checkout", "--quiet", "-b", "other"]);
    desk
}

#[test]
fn a_rotation_is_not_undone_if_a_power_cut_has_emptied_the_file_of_the_branch_that_has_it() {
    let desk = on_branch_other();
    desk.hs(["rotate-key"]).succeeds();
    desk.git(&["commit", "--quiet", "--message", "rotate"]);
    desk.git(&["checkout", "--quiet", "-"]);
    desk.write(".git/refs/heads/other", "");
    let key = ".git/git-crypt/keys/default";
    let before = desk.read(key);
    desk.hs(["rotate-key", "--abort"]).fails_saying(&[
        "reading the branch refs/heads/other failed: its file is empty or damaged",
    ]);
    assert!(desk.read(key) == before, "the key is kept");
}

#[test]
fn a_rotation_is_not_undone_if_a_branch_that_may_have_it_can_t_be_read() {
    // A rotation that was committed on the branch has one commit on top of it.
    for (is_committed, lost, told) in [
        (false, "other^{tree}", "reading the commit"),
        (true, "other", "reading the branch refs/heads/other"),
        // The tip can be read, and has the statement of the rotation.
        (true, "other~1", "no rotation of key `default` is under way"),
    ] {
        let desk = on_branch_other();
        if is_committed {
            desk.hs(["rotate-key"]).succeeds();
            desk.git(&["commit", "--quiet", "--message", "rotate"]);
        }
        desk.write("note", "another branch\n");
        desk.commit("second");
        let object = desk.sandbox.git(&desk.repository, ["rev-parse", lost]);
        let object = object.succeeds().text();
        desk.git(&["checkout", "--quiet", "-"]);
        if !is_committed {
            desk.hs(["rotate-key"]).succeeds();
            desk.git(&["reset", "--quiet", "--hard"]);
        }
        let (folder, file) = object.trim().split_at(2);
        let object = desk.repository.join(".git/objects").join(folder).join(file);
        fs::remove_file(object).expect("a loose object");
        let key = ".git/git-crypt/keys/default";
        let before = desk.read(key);
        desk.hs(["rotate-key", "--abort"]).fails_saying(&[told]);
        assert!(desk.read(key) == before, "without {lost}, the key is kept");
    }
}
