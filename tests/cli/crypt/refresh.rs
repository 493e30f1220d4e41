//! `refresh`, and filters that were set up by git-crypt.

use std::fs;

use crate::harness::desk::{Desk, MAGIC};

#[test]
fn files_that_an_attribute_now_decrypts_are_decrypted() {
    let desk = desk();
    desk.write(
        ".gitattributes",
        b"one.key filter=git-crypt diff=git-crypt\n",
    );
    desk.git(&["add", ".gitattributes"]);
    desk.git(&["commit", "--quiet", "-m", "fewer"]);
    desk.git(&["checkout", "--quiet", "HEAD", "--", "."]);
    fs::remove_file(desk.repository.join("two.key")).expect("removed");
    desk.git(&["checkout", "--quiet", "--", "two.key"]);
    assert!(desk.read("two.key").starts_with(MAGIC));
    desk.write("one.key", b"my own work\n");
    desk.write(".gitattributes", b"*.key filter=git-crypt diff=git-crypt\n");

    let run = desk.hs(["refresh"]).succeeds();
    assert_eq!(run.text(), "two.key\n");
    assert_eq!(desk.read("two.key"), b"two\n");
    assert_eq!(desk.read("one.key"), b"my own work\n");
    assert_eq!(
        desk.git(&["status", "--porcelain"]),
        " M .gitattributes\n M one.key\n"
    );
    assert_eq!(desk.hs(["refresh"]).succeeds().text(), "");
}

#[test]
fn files_that_the_key_here_does_not_open_are_named() {
    let desk = desk();
    desk.hs(["lock"]).succeeds();
    let run = desk.hs(["refresh"]).ends_with(1);
    assert!(
        run.stderr.contains("2 files stay encrypted"),
        "{}",
        run.stderr
    );
    desk.hs(["keygen", "../other"]).succeeds();
    let ciphertext = desk.read("one.key");
    // The state after a colleague has rotated the key.
    desk.hs(["unlock", "../desk.key"]).succeeds();
    fs::copy(
        desk.sandbox.path("other"),
        desk.repository.join(".git/git-crypt/keys/default"),
    )
    .expect("copied");
    desk.write("one.key", &ciphertext);
    let run = desk.hs(["refresh"]).ends_with(1);
    assert!(
        run.stderr.contains("one.key stays encrypted"),
        "{}",
        run.stderr
    );
    assert_eq!(desk.read("one.key"), ciphertext);
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn filters_of_git_crypt_stay_until_it_is_locked() {
    let desk = desk();
    desk.hs(["lock"]).succeeds();
    desk.sandbox
        .git_crypt(&desk.repository, ["unlock", "../desk.key"])
        .succeeds();
    let clean = desk.git(&["config", "filter.git-crypt.clean"]);
    let run = desk.hs(["unlock", "../desk.key"]).succeeds();
    let hint = "`lock`, then `unlock` lets this one filter";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    assert_eq!(desk.git(&["config", "filter.git-crypt.clean"]), clean);
    assert!(
        desk.git(&["config", "merge.git-crypt.driver"])
            .contains("hs-secrets")
    );
    // Both filters work side by side.
    desk.write("one.key", b"changed\n");
    desk.git(&["commit", "--quiet", "-am", "changed"]);
    assert!(
        desk.git(&["show", "HEAD:one.key"])
            .starts_with("\0GITCRYPT\0")
    );

    desk.hs(["lock"]).succeeds();
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert!(
        desk.git(&["config", "filter.git-crypt.process"])
            .contains("hs-secrets")
    );
    assert!(
        desk.git(&["config", "filter.git-crypt.clean"])
            .contains("hs-secrets")
    );
    assert_eq!(desk.read("one.key"), b"changed\n");
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
}

#[test]
fn filters_of_a_git_crypt_that_is_gone_or_half_configured_are_repaired() {
    let desk = desk();
    desk.hs(["lock"]).succeeds();
    for setting in [
        &["filter.git-crypt.clean", "\"/nowhere/git-crypt\" clean"][..],
        &["filter.git-crypt.smudge", "\"/nowhere/git-crypt\" smudge"],
    ] {
        desk.git(&[&["config"], setting].concat());
    }
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.read("one.key"), b"one\n");

    desk.hs(["lock"]).succeeds();
    desk.git(&["config", "filter.git-crypt.clean", "\"git-crypt\" clean"]);
    desk.hs(["unlock", "../desk.key"]).succeeds();
    assert_eq!(desk.read("one.key"), b"one\n");
    assert!(
        desk.git(&["config", "filter.git-crypt.clean"])
            .contains("hs-secrets")
    );
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn every_verb_that_configures_leaves_another_program_its_filter_until_it_is_locked() {
    let desk = desk();
    let another = desk.sandbox.path("home/bin/filter of mine");
    fs::create_dir(desk.sandbox.path("home/bin")).expect("created");
    fs::write(&another, "").expect("written");
    let path = format!("\"{}\"", another.display());
    let verbs = [
        &["init"][..],
        &["init", "-k", "ops"],
        &["init", "../desk.key"],
        &["unlock", "../desk.key"],
    ];
    for verb in verbs {
        for word in ["\"git-crypt\"", "git-crypt", &path] {
            let repository = desk.sandbox.repository("fresh");
            let git = |arguments: &[&str]| desk.sandbox.git(&repository, arguments).succeeds();
            let hs = |arguments: &[&str]| desk.sandbox.hs(&repository, arguments).succeeds();
            let driver = if verb.contains(&"ops") {
                "git-crypt-ops"
            } else {
                "git-crypt"
            };
            let clean = format!("filter.{driver}.clean");
            for action in ["clean", "smudge"] {
                let command = format!("{word} {action}");
                git(&["config", &format!("filter.{driver}.{action}"), &command]);
            }
            let told = hs(verb).stderr;
            let hint = "`lock`, then `unlock` lets this one filter";
            assert!(told.contains(hint), "{verb:?} {word}: {told}");
            let kept = git(&["config", &clean]).text();
            assert_eq!(kept, format!("{word} clean\n"), "{verb:?}");
            let key = if verb.contains(&"ops") {
                &["-k", "ops"][..]
            } else {
                &[]
            };
            let saved = "../saved.key";
            let _ = fs::remove_file(desk.sandbox.path("saved.key"));
            hs(&[&["export-key"], key, &[saved]].concat());
            hs(&[&["lock"], key].concat());
            hs(&["unlock", saved]);
            let taken = git(&["config", &clean]).text();
            assert!(
                taken.starts_with("\"hs-secrets\" clean"),
                "{verb:?}: {taken}"
            );
            fs::remove_dir_all(&repository).expect("removed");
        }
    }
}

/// An unlocked repository with encrypted files, and its key next to it.
fn desk() -> Desk {
    Desk::with(&[("one.key", "one\n"), ("two.key", "two\n")])
}
