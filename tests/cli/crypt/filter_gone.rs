//! A filter program that Git can no longer run, and how it is repaired.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::desk::{Desk, MAGIC, PUBLISHED_RECOVERY};
use crate::harness::sandbox::run;

#[test]
fn a_link_that_is_gone_is_named_and_unlock_repairs_it_and_loses_no_work() {
    let desk = desk();
    let link = linked(&desk);
    desk.hs(["lock"]).succeeds();
    let mut unlock = desk.sandbox.command(&desk.repository, "sh");
    unlock.args(["-c", "../home/bin/git-crypt unlock ../desk.key"]);
    run(unlock, b"").succeeds();
    let clean = desk.git(&["config", "filter.git-crypt.clean"]);
    assert_eq!(clean, format!("\"{}\" clean\n", link.display()));
    assert_eq!(concerns(&desk), [""; 0]);

    fs::remove_file(&link).expect("removed");
    desk.write("one.key", b"work of mine\n");
    desk.sandbox
        .git(&desk.repository, ["add", "one.key"])
        .ends_with(128);
    // Git removes the old file, then fails to write the new one.
    desk.write("two.key", b"a mistake\n");
    desk.sandbox
        .git(&desk.repository, ["checkout", "--", "two.key"])
        .ends_with(128);
    assert!(!desk.repository.join("two.key").exists());
    let told = desk.hs(["status", "--short"]).text();
    assert!(told.contains("git-crypt, which is not there"), "{told}");
    assert!(told.contains("`unlock`"), "{told}");
    assert_eq!(concerns(&desk), ["filter-broken"]);

    // The key is still stored here and need not be given again.
    desk.hs(["unlock"]).succeeds();
    assert_eq!(concerns(&desk), [""; 0]);
    assert_eq!(desk.read("one.key"), b"work of mine\n");
    assert_eq!(desk.read("two.key"), b"two\n");
    assert_eq!(desk.git(&["status", "--porcelain"]), " M one.key\n");
    desk.commit("all well");
    assert!(
        desk.git(&["show", "HEAD:one.key"])
            .as_bytes()
            .starts_with(MAGIC)
    );
}

#[test]
fn a_filter_without_its_key_answers_and_git_says_which_file_it_is() {
    let desk = desk();
    let key = desk.repository.join(".git/git-crypt/keys/default");
    fs::rename(&key, desk.repository.join("../away")).expect("renamed");
    desk.write("one.key", b"work of mine\n");
    let git = |words: &[&str]| desk.sandbox.git(&desk.repository, words);
    for words in [
        &["add", "one.key"][..],
        &["checkout", "--force", "HEAD", "--", "two.key"],
    ] {
        fs::remove_file(desk.repository.join("two.key")).ok();
        let told = git(words).ends_with(128).stderr;
        assert!(told.contains("no key `default` here"), "{told}");
        assert!(told.contains(words.last().expect("a path")), "{told}");
        assert!(!told.contains("hung up"), "{told}");
    }
    // The commands that are recommended for getting at the files when the key is lost.
    let without = [
        "-c",
        "filter.git-crypt.required=false",
        "checkout",
        "HEAD",
        "--",
        "two.key",
    ];
    git(&without).succeeds();
    assert!(desk.read("two.key").starts_with(MAGIC));
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_name_that_is_git_crypt_s_now_is_named_and_unlock_repairs_it() {
    let desk = desk();
    let link = linked(&desk);
    desk.hs(["lock"]).succeeds();
    let bin = link.parent().expect("in a directory").display().to_string();
    let path = std::env::var("PATH").expect("a path");
    let mut unlock = desk.sandbox.command(&desk.repository, "env");
    unlock
        .env("PATH", format!("{bin}:{path}"))
        .args(["git-crypt", "unlock", "../desk.key"]);
    run(unlock, b"").succeeds();
    // The name `git-crypt` now leads to git-crypt itself.
    desk.write("one.key", b"work of mine\n");
    desk.sandbox
        .git(&desk.repository, ["add", "one.key"])
        .ends_with(128);
    let told = desk.hs(["status", "--short"]).text();
    assert!(told.contains("no `filter-process`"), "{told}");
    desk.hs(["unlock"]).succeeds();
    assert_eq!(concerns(&desk), [""; 0]);
    desk.commit("all well");
    assert_eq!(desk.read("one.key"), b"work of mine\n");
}

#[test]
fn a_copy_of_the_program_may_be_called_git_crypt() {
    let desk = desk();
    let link = linked(&desk);
    fs::remove_file(&link).expect("removed");
    fs::copy(env!("CARGO_BIN_EXE_hs-secrets"), &link).expect("copied");
    desk.hs(["lock"]).succeeds();
    let program = link.to_str().expect("plain");
    desk.sandbox
        .run(&desk.repository, program, ["unlock", "../desk.key"], b"")
        .succeeds();
    assert_eq!(concerns(&desk), [""; 0]);
}

#[test]
fn unlock_without_a_key_puts_a_filter_back() {
    let desk = desk();
    for section in ["filter.git-crypt", "diff.git-crypt"] {
        desk.git(&["config", "--remove-section", section]);
    }
    assert_eq!(concerns(&desk), ["filter-absent"]);
    desk.hs(["unlock"]).succeeds();
    assert_eq!(concerns(&desk), [""; 0]);
    desk.hs(["lock"]).succeeds();
    desk.hs(["unlock"])
        .fails_saying(&["no keys are shared in this repository"]);
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn keys_that_are_here_go_with_those_that_are_wrapped() {
    let desk = Desk::with(&[("one.key", "one\n"), ("two.ops", "two\n")]);
    let recipient = desk.sandbox.new_age_key("age.txt");
    desk.git(&["config", "hs-secrets.identity", "../age.txt"]);
    desk.hs(["add-age-user", &recipient]).succeeds();
    // One key is damaged and is restored; the other one is not stored anywhere else.
    fs::write(desk.repository.join(".git/git-crypt/keys/default"), "junk").expect("written");
    desk.git(&["config", "--remove-section", "filter.git-crypt-ops"]);
    let told = desk.hs(["unlock"]).succeeds().stderr;
    assert_eq!(told, "");
    // If an identity is named, no other key may open the repository.
    desk.sandbox.new_age_key("other.txt");
    desk.hs(["unlock", "-i", "../other.txt"])
        .fails_saying(&["none of your secret keys opens this repository"]);
    assert_eq!(concerns(&desk), [""; 0]);
    desk.assert_clean();
}

fn concerns(desk: &Desk) -> Vec<String> {
    let document: Value =
        serde_json::from_slice(&desk.hs(["status", "--json"]).stdout).expect("JSON");
    let concerns = document["concerns"].as_array().expect("a list");
    let codes = concerns.iter().map(|concern| concern["code"].as_str());
    codes.map(|code| code.expect("a word").to_owned()).collect()
}

/// A link called `git-crypt`, in a directory that is not on the `PATH`.
fn linked(desk: &Desk) -> PathBuf {
    let bin = desk.sandbox.path("home/bin");
    fs::create_dir(&bin).expect("created");
    symlink(env!("CARGO_BIN_EXE_hs-secrets"), bin.join("git-crypt")).expect("linked");
    bin.join("git-crypt")
}

fn desk() -> Desk {
    Desk::with(&[("one.key", "one\n"), ("two.key", "two\n")])
}

/// The commands that are published on the web for a repository whose key is gone.
#[test]
fn a_recovery_with_cat_as_the_filter_brings_the_files_back_as_ciphertext() {
    let desk = Desk::with(&[("a.key", "opensesame\n"), ("b.key", "hunter2\n")]);
    desk.write("a.key", "another\n");
    desk.commit("second");
    fs::remove_file(desk.repository.join(".git/git-crypt/keys/default")).expect("the key");
    for command in [
        &["reset", "--hard", "HEAD~1"][..],
        &["checkout", "HEAD", "--", "."],
    ] {
        for path in ["a.key", "b.key"] {
            fs::remove_file(desk.repository.join(path)).expect("there");
        }
        let words = PUBLISHED_RECOVERY.iter().chain(command);
        let told = desk.sandbox.git(&desk.repository, words).succeeds();
        assert!(!told.stderr.contains("hung up"), "{}", told.stderr);
        for path in ["a.key", "b.key"] {
            assert!(desk.read(path).starts_with(MAGIC), "{path}");
        }
    }
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.read("a.key"), b"opensesame\n");
    assert_eq!(desk.read("b.key"), b"hunter2\n");
}
