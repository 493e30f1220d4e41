//! Keys as base64, sealed with a passphrase, and in an environment variable: `export-key`, `keygen`, `unlock`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::harness::pty::run_answering;
use crate::harness::sandbox::{Run, Sandbox, run};

const PASSPHRASE: &str = "correct horse battery staple";

#[test]
fn a_key_in_base64_unlocks_from_everywhere() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    let text = sandbox
        .hs(&lab, ["export-key", "--base64", "-"])
        .succeeds()
        .text();
    // CI systems mask only variables of one line.
    assert_eq!(text.lines().count(), 1, "{text}");
    fs::write(sandbox.path("key.txt"), &text).expect("written");
    sandbox.hs(&clone, ["unlock", "../key.txt"]).succeeds();
    assert_unlocked_and_lock(&sandbox, &clone);
    sandbox
        .run(&clone, "hs-secrets", ["unlock", "-"], text.as_bytes())
        .succeeds();
    assert_unlocked_and_lock(&sandbox, &clone);
    let one_line = text.replace('\n', "");
    for value in [&text, &one_line, &one_line.trim_end_matches('=').to_owned()] {
        unlock_from_variable(&sandbox, &clone, value).succeeds();
        assert_unlocked_and_lock(&sandbox, &clone);
    }
    // The output of the program `base64` is accepted, too.
    sandbox.hs(&lab, ["export-key", "../raw.key"]).succeeds();
    let coded = sandbox
        .run(&sandbox.path(""), "base64", ["raw.key"], b"")
        .succeeds();
    unlock_from_variable(&sandbox, &clone, &coded.text()).succeeds();
    assert_unlocked_and_lock(&sandbox, &clone);
}

#[test]
fn variables_that_hold_no_key_change_nothing() {
    let sandbox = Sandbox::new();
    let (_, clone) = encrypted_and_cloned(&sandbox);
    for (value, defect) in [
        ("", "the variable THE_KEY is empty"),
        ("hunter2!", "not a git-crypt key file"),
        ("hunter2", "not a git-crypt key file"),
        ("plain", "not a git-crypt key file"),
        (
            "AEdJVENSWVBUhunter2xx",
            "in base64 that was cut off or changed",
        ),
        ("aHVudGVyMg==", "not a git-crypt key file"),
    ] {
        let run = unlock_from_variable(&sandbox, &clone, value).fails_saying(&[defect]);
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    }
    sandbox
        .hs(&clone, ["unlock", "--key-env", "THE_KEY"])
        .fails_saying(&["the variable THE_KEY is not set"]);
    sandbox
        .hs(&clone, ["unlock", "--key-env", "A=B"])
        .fails_saying(&["is not set"]);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
}

#[test]
fn a_word_in_a_key_file_is_no_key_and_the_forms_of_one_are_named() {
    let sandbox = Sandbox::new();
    let (_, clone) = encrypted_and_cloned(&sandbox);
    fs::write(sandbox.path("word"), "plain\n").expect("written");
    let run = sandbox
        .hs(&clone, ["unlock", "../word"])
        .fails_saying(&["../word", "not a git-crypt key file"]);
    for form in [
        "`export-key FILE`",
        "`--base64`",
        "`--passphrase`",
        "`unlock --identity FILE`",
    ] {
        assert!(run.stderr.contains(form), "{form}: {}", run.stderr);
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_key_that_stands_where_a_name_belongs_is_not_repeated() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    let text = sandbox.hs(&lab, ["export-key", "--base64", "-"]).text();
    let key = text.replace('\n', "");
    sandbox.new_age_key("age.txt");
    let identity = fs::read_to_string(sandbox.path("age.txt")).expect("written");
    let age = identity.lines().last().expect("a secret key");
    for arguments in [
        ["unlock", &key].as_slice(),
        &["unlock", age],
        &["unlock", "--key-env", &key],
        &["unlock", "--identity", age],
        &["migrate-key", &key, "new"],
    ] {
        let run = sandbox
            .hs(&clone, arguments)
            .fails_saying(&["key itself, not the name of a file"]);
        assert!(
            !run.stderr.contains(arguments[arguments.len() - 1]),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains(&key), "{}", run.stderr);
    }
}

#[test]
fn the_variable_with_the_key_is_kept_from_every_program_that_is_run() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    let text = sandbox
        .hs(&lab, ["export-key", "--base64", "-"])
        .succeeds()
        .text();
    // A fake `git` that records its environment.
    let bin = sandbox.path("home/bin");
    fs::create_dir(&bin).expect("created");
    let path = std::env::var("PATH").expect("a path");
    let script =
        format!("#!/bin/sh\nenv >>\"$HOME/environments\"\nPATH='{path}' exec git \"$@\"\n");
    fs::write(bin.join("git"), script).expect("written");
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).expect("executable");
    let mut command = sandbox.command(&clone, env!("CARGO_BIN_EXE_hs-secrets"));
    command
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("THE_KEY", &text)
        .args(["unlock", "--key-env", "THE_KEY"]);
    run(command, b"").succeeds();
    let seen = fs::read_to_string(sandbox.path("home/environments")).expect("git was run");
    assert!(seen.contains("HOME="), "{seen}");
    assert!(!seen.contains("THE_KEY"), "{seen}");
    assert!(!seen.contains(text.lines().next().expect("a line")));
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_key_sealed_with_a_passphrase_opens_here_and_with_age() {
    let sandbox = Sandbox::new();
    let (lab, clone) = encrypted_and_cloned(&sandbox);
    let twice = [("new passphrase", PASSPHRASE), ("same again", PASSPHRASE)];
    run_answering(
        &sandbox,
        &lab,
        "hs-secrets export-key --passphrase ../sealed",
        &twice,
    )
    .succeeds();
    let sealed = fs::read_to_string(sandbox.path("sealed")).expect("text");
    assert!(
        sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"),
        "{sealed}"
    );

    let once = [("passphrase", PASSPHRASE)];
    run_answering(&sandbox, &clone, "hs-secrets unlock ../sealed", &once).succeeds();
    assert_unlocked_and_lock(&sandbox, &clone);
    let here = sandbox.path("");
    run_answering(&sandbox, &here, "age --decrypt -o opened sealed", &once).succeeds();
    sandbox.hs(&lab, ["export-key", "../raw.key"]).succeeds();
    assert_eq!(
        fs::read(sandbox.path("opened")).expect("a key"),
        fs::read(sandbox.path("raw.key")).expect("a key")
    );
    let by_age = [("passphrase", PASSPHRASE), ("onfirm", PASSPHRASE)];
    run_answering(
        &sandbox,
        &here,
        "age --passphrase -o by-age raw.key",
        &by_age,
    )
    .succeeds();
    run_answering(&sandbox, &clone, "hs-secrets unlock ../by-age", &once).succeeds();
    assert_unlocked_and_lock(&sandbox, &clone);

    let run = run_answering(
        &sandbox,
        &clone,
        "hs-secrets unlock ../sealed",
        &[("passphrase", "guess")],
    );
    run.fails_saying(&["../sealed", "wrong passphrase"]);
    sandbox
        .hs(&clone, ["unlock", "../sealed"])
        .fails_saying(&["../sealed", "no terminal"]);
    fs::write(sandbox.path("sealed"), &sealed[..sealed.len() / 2]).expect("written");
    sandbox
        .hs(&clone, ["unlock", "../sealed"])
        .fails_saying(&["../sealed", "damaged"]);
    assert!(!clone.join(".git/git-crypt/keys/default").exists());
}

#[test]
fn keygen_takes_the_same_forms_and_a_new_passphrase_must_be_one() {
    let sandbox = Sandbox::new();
    let here = sandbox.path("");
    sandbox
        .hs(&here, ["keygen", "--base64", "text.key"])
        .succeeds();
    let text = fs::read_to_string(here.join("text.key")).expect("text");
    assert_eq!(text.len(), 148_usize.div_ceil(3) * 4 + 1);
    let twice = [("new passphrase", PASSPHRASE), ("same again", PASSPHRASE)];
    run_answering(
        &sandbox,
        &here,
        "hs-secrets keygen --passphrase sealed",
        &twice,
    )
    .succeeds();
    let mode = fs::metadata(here.join("sealed"))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let different = [
        ("new passphrase", PASSPHRASE),
        ("same again", "something else"),
    ];
    run_answering(
        &sandbox,
        &here,
        "hs-secrets keygen --passphrase no.key",
        &different,
    )
    .fails_saying(&["differ"]);
    run_answering(
        &sandbox,
        &here,
        "hs-secrets keygen --passphrase no.key",
        &[("new passphrase", "")],
    )
    .fails_saying(&["empty passphrase"]);
    sandbox
        .hs(&here, ["keygen", "--passphrase", "no.key"])
        .fails_saying(&["no terminal"]);
    sandbox
        .hs(&here, ["keygen", "--passphrase", "--base64", "no.key"])
        .ends_with(2);
    assert!(!here.join("no.key").exists());
}

fn unlock_from_variable(sandbox: &Sandbox, repository: &Path, value: &str) -> Run {
    let mut command = sandbox.command(repository, "hs-secrets");
    command
        .env("THE_KEY", value)
        .args(["unlock", "--key-env", "THE_KEY"]);
    run(command, b"")
}

#[track_caller]
fn assert_unlocked_and_lock(sandbox: &Sandbox, repository: &Path) {
    assert_eq!(
        fs::read(repository.join("api.key")).expect("there"),
        b"opensesame\n"
    );
    sandbox.hs(repository, ["lock"]).succeeds();
}

/// A repository with one encrypted file, and a locked clone of it.
fn encrypted_and_cloned(sandbox: &Sandbox) -> (PathBuf, PathBuf) {
    let lab = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
    let clone = sandbox.cloned(&lab);
    (lab, clone)
}
