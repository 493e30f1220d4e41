//! `init` on a terminal: the line that it suggests for `.gitattributes` must be complete.

use crate::harness::desk::{MAGIC, write};
use crate::harness::pty::run_answering;
use crate::harness::sandbox::Sandbox;

#[test]
fn the_line_that_it_advises_encrypts_shows_and_merges() {
    let sandbox = Sandbox::new();
    for (command, driver) in [
        ("hs-secrets init", "git-crypt"),
        ("hs-secrets init -k ops", "git-crypt-ops"),
    ] {
        let repository = sandbox.repository(driver);
        let told = run_answering(&sandbox, &repository, command, &[])
            .succeeds()
            .stderr;
        let (_, advice) = told.split_once("what to encrypt: ").expect("advice");
        let line = advice.lines().next().expect("a line").trim_end();
        for attribute in ["filter", "diff", "merge"] {
            let set = format!("{attribute}={driver}");
            assert!(line.split(' ').any(|word| word == set), "{line}");
        }
        write(&repository, ".gitattributes", line.as_bytes());
        write(&repository, "secret/api.key", b"opensesame\n");
        sandbox.git(&repository, ["add", "."]).succeeds();
        let short = sandbox.hs(&repository, ["status", "--short"]).succeeds();
        assert_eq!(short.text(), "");
        let encrypted = sandbox.hs(&repository, ["status", "-e"]).succeeds();
        assert_eq!(encrypted.text(), "    encrypted: secret/api.key\n");
    }
}

#[test]
fn a_script_is_not_advised() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("lab");
    let told = sandbox.hs(&repository, ["init"]).succeeds().stderr;
    assert_eq!(told, "hs-secrets: generated a new key\n");
}

/// A user starts in a repository that already has the secret in plaintext. Git does not read a file again if its time is unchanged.
#[test]
fn who_does_what_it_advises_has_the_next_commit_encrypted_and_the_key_elsewhere() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("lab");
    write(&repository, "secret/api.key", b"opensesame\n");
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments).succeeds();
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    let told = run_answering(&sandbox, &repository, "hs-secrets init", &[]);
    let told = told.succeeds().stderr;
    let advised = |before: &str, after: char| {
        let (_, rest) = told.split_once(before).expect(before);
        let (words, _) = rest.split_once(after).expect(before);
        words.trim_end().to_owned()
    };
    let line = advised("what to encrypt: ", '\n');
    write(&repository, ".gitattributes", line.as_bytes());
    let add = advised("stays plaintext until `git ", '`');
    assert_eq!(add, "add --renormalize .");
    git(&add.split(' ').collect::<Vec<_>>());
    git(&["add", ".gitattributes"]);
    git(&["commit", "--quiet", "-m", "encrypted"]);
    let blob = git(&["cat-file", "blob", "HEAD:secret/api.key"]);
    assert!(blob.stdout.starts_with(MAGIC));
    assert!(told.contains("what was committed stays in the history: change those secrets"));
    assert!(told.contains("`export-key FILE`, and keep that file elsewhere"));
    sandbox
        .hs(&repository, ["lock"])
        .fails_saying(&["exists nowhere else"]);
    sandbox
        .hs(&repository, ["export-key", "../elsewhere"])
        .succeeds();
    sandbox.hs(&repository, ["lock"]).succeeds();
}
