//! Intended differences between hs-secrets and git-crypt 0.7.0. Each test shows the behaviour of both.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::desk::MAGIC;
use crate::harness::sandbox::Sandbox;

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn short_plaintext_survives() {
    let (sandbox, repository) = locked_clone("hs-secrets");
    // A secret that was committed in plaintext, which happens in a locked clone.
    let short = b"hunter2\n";
    let smudge = |program: &str| {
        let arguments = ["smudge", "--key-file=../lab.key"];
        sandbox.run(&repository, program, arguments, short)
    };
    assert_eq!(smudge("hs-secrets").succeeds().stdout, short);
    assert_eq!(
        smudge("git-crypt").succeeds().stdout,
        b"",
        "git-crypt has learned it"
    );
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn ciphertext_is_not_encrypted_twice() {
    let (sandbox, repository) = locked_clone("hs-secrets");
    let blob = read(&repository, "api.key");
    let clean = |program: &str| {
        let arguments = ["clean", "--key-file=../lab.key"];
        sandbox
            .run(&repository, program, arguments, &blob)
            .succeeds()
    };
    assert_eq!(clean("hs-secrets").stdout, blob);
    assert_eq!(clean("git-crypt").stdout.len(), blob.len() + 22);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn changes_to_other_files_do_not_matter() {
    for (program, code) in [("hs-secrets", 0), ("git-crypt", 1)] {
        let (sandbox, repository) = locked_clone(program);
        fs::write(repository.join("readme"), "changed\n").expect("written");
        let run = |arguments: &[&str]| sandbox.run(&repository, program, arguments, b"");
        run(&["unlock", "../lab.key"]).ends_with(code);
        sandbox.git(&repository, ["stash", "--quiet"]).succeeds();
        if code != 0 {
            run(&["unlock", "../lab.key"]).succeeds();
        }
        sandbox
            .git(&repository, ["stash", "pop", "--quiet"])
            .succeeds();
        run(&["lock"]).ends_with(code);
        assert_eq!(read(&repository, "readme"), b"changed\n");
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn locking_by_force_overwrites_what_git_has_encrypted_only() {
    for (program, kept) in [("hs-secrets", true), ("git-crypt", false)] {
        let (sandbox, repository) = locked_clone(program);
        fs::write(repository.join("late.key"), "too early\n").expect("written");
        let git = |arguments: &[&str]| drop(sandbox.git(&repository, arguments).succeeds());
        git(&["add", "late.key"]);
        git(&["commit", "--quiet", "-m", "in plaintext, since locked"]);
        let run = |arguments: &[&str]| sandbox.run(&repository, program, arguments, b"");
        run(&["unlock", "../lab.key"]).succeeds();
        let work = b"work that is nowhere else, and not to be encrypted either\n";
        fs::write(repository.join("late.key"), work).expect("written");
        run(&["lock", "--force"]).succeeds();
        assert_eq!(read(&repository, "late.key") == work, kept, "{program}");
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_wrong_key_is_noticed_before_anything_is_changed() {
    for (program, intact) in [("hs-secrets", true), ("git-crypt", false)] {
        let (sandbox, repository) = locked_clone(program);
        sandbox
            .hs(&repository, ["keygen", "../other.key"])
            .succeeds();
        sandbox
            .run(&repository, program, ["unlock", "../other.key"], b"")
            .ends_with(1);
        assert_eq!(
            !repository.join(".git/git-crypt/keys/default").exists(),
            intact
        );
        let reset = sandbox.git(&repository, ["reset", "--hard", "--quiet"]);
        // git-crypt leaves the filters configured for a key that opens nothing.
        assert_eq!(
            reset.code == 0 && read(&repository, "api.key").starts_with(MAGIC),
            intact
        );
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_conflicted_file_has_one_line() {
    for (program, lines) in [("hs-secrets", 1), ("git-crypt", 3)] {
        let (sandbox, repository) = locked_clone(program);
        let git = |arguments: &[&str]| sandbox.git(&repository, arguments);
        for branch in ["one", "two"] {
            git(&["checkout", "--quiet", "-b", branch, "origin/main"]).succeeds();
            fs::write(repository.join("readme"), branch).expect("written");
            git(&["commit", "--quiet", "-a", "-m", branch]).succeeds();
        }
        git(&["merge", "--quiet", "one"]).ends_with(1);
        let status = sandbox.run(&repository, program, ["status"], b"").text();
        let of_readme = status.lines().filter(|line| line.ends_with("readme"));
        assert_eq!(of_readme.count(), lines, "{status}");
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn line_end_conversion_destroys_no_ciphertext() {
    for (program, code) in [("hs-secrets", 128), ("git-crypt", 0)] {
        let (sandbox, repository) = locked_clone(program);
        let git = |arguments: &[&str]| sandbox.git(&repository, arguments);
        sandbox
            .run(&repository, program, ["unlock", "../lab.key"], b"")
            .succeeds();
        fs::write(
            repository.join(".gitattributes"),
            "*.key filter=git-crypt diff=git-crypt text\n",
        )
        .expect("written");
        let long = b"opensesame\n".repeat(100_000);
        fs::write(repository.join("long.key"), &long).expect("written");
        git(&["add", "long.key"]).ends_with(code);
        if code == 0 {
            fs::remove_file(repository.join("long.key")).expect("removed");
            git(&["checkout", "--", "long.key"]).ends_with(128);
        }
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_locked_clone_gets_no_second_key_of_the_same_name() {
    for (program, code) in [("hs-secrets", 1), ("git-crypt", 0)] {
        let (sandbox, repository) = locked_clone(program);
        sandbox
            .run(&repository, program, ["init"], b"")
            .ends_with(code);
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn migrating_a_key_overwrites_no_file() {
    for (program, code) in [("hs-secrets", 1), ("git-crypt", 0)] {
        let sandbox = Sandbox::new();
        let here = sandbox.path("");
        fs::write(here.join("legacy"), [7; 96]).expect("written");
        fs::write(here.join("taken"), "another key").expect("written");
        sandbox
            .run(&here, program, ["migrate-key", "legacy", "taken"], b"")
            .ends_with(code);
        assert_eq!(read(&here, "taken") == b"another key", code == 1);
    }
}

/// A locked clone, made by `program`, with an encrypted file and a plain one. The key lies next to the clone.
fn locked_clone(program: &str) -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    let lab = sandbox.repository("lab");
    let run = |arguments: &[&str]| drop(sandbox.run(&lab, program, arguments, b"").succeeds());
    run(&["init"]);
    run(&["export-key", "../lab.key"]);
    fs::write(
        lab.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::write(lab.join("api.key"), "opensesame\n").expect("written");
    fs::write(lab.join("readme"), "for everyone\n").expect("written");
    sandbox.git(&lab, ["add", "."]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "-m", "first"])
        .succeeds();
    let top = sandbox.path("");
    sandbox
        .git(&top, ["clone", "--quiet", "lab", "clone"])
        .succeeds();
    let clone = sandbox.path("clone");
    (sandbox, clone)
}

fn read(repository: &Path, path: &str) -> Vec<u8> {
    fs::read(repository.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
