//! Names of files that would forge lines of output or control the terminal.

use std::fs;
use std::path::PathBuf;

use crate::harness::pty::run_answering;
use crate::harness::sandbox::Sandbox;

/// A name that ends the line, forges another one and clears the screen.
const NAME: &str = "a\nhs-secrets: error: forged\x1b[2J.key";

/// The name as Git quotes it.
const QUOTED: &str = r#""a\nhs-secrets: error: forged\033[2J.key""#;

fn repository(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("repository");
    sandbox.hs(&repository, ["init"]).succeeds();
    let attributes = "*.key filter=git-crypt diff=git-crypt\n";
    fs::write(repository.join(".gitattributes"), attributes).expect("a writable directory");
    fs::write(repository.join(NAME), "secret\n").expect("a writable directory");
    sandbox.git(&repository, ["add", "."]).succeeds();
    sandbox
        .git(&repository, ["commit", "--quiet", "-m", "all"])
        .succeeds();
    repository
}

#[test]
fn on_a_terminal_they_are_quoted() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for command in ["status", "status -e", "rotate-key"] {
        let command = format!("hs-secrets {command}");
        let run = run_answering(&sandbox, &repository, &command, &[]).succeeds();
        assert!(run.stderr.contains(QUOTED), "{}", run.stderr);
        assert!(
            !run.stderr.contains(": error: forged\x1b"),
            "{}",
            run.stderr
        );
        assert!(
            !run.stderr.contains("\nhs-secrets: error"),
            "{}",
            run.stderr
        );
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn for_programs_they_are_what_they_are() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let ours = sandbox.hs(&repository, ["status", "-e"]).succeeds();
    let theirs = sandbox.git_crypt(&repository, ["status", "-e"]).succeeds();
    assert_eq!(ours.text(), theirs.text());
    assert_eq!(ours.text(), format!("    encrypted: {NAME}\n"));
    let rotated = sandbox.hs(&repository, ["rotate-key"]).succeeds();
    assert_eq!(rotated.text(), format!("{NAME}\n"));
}
