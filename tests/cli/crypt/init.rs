//! What `init` says on a terminal: a line for `.gitattributes` that lacks nothing.

use crate::harness::desk::write;
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
